import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { projectFolder } from '../projectFolder';

const pagesFolder = join(projectFolder, 'dist', 'web');

/** Serves the pages that `npm run build` has made: the playground, with all that it loads. */
export async function addPages(server: FastifyInstance): Promise<void> {
  await server.register(fastifyStatic, {
    root: join(pagesFolder, 'playground', 'assets'),
    prefix: '/playground/assets/',
    // The names carry a hash of the content.
    immutable: true,
    maxAge: '1y',
  });
  server.get('/playground', (_request, reply) =>
    reply.header('cache-control', 'no-cache').sendFile('index.html', join(pagesFolder, 'playground'), {
      cacheControl: false,
    }),
  );
  server.get('/', (_request, reply) => reply.redirect('/playground'));
}
