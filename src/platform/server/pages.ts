import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { projectFolder } from '../projectFolder';

const pagesFolder = join(projectFolder, 'dist', 'web');

/** Pages that are one document: what it shows depends on the address. A link to each of them works, and a reload. */
const shared = ['/', '/report', '/register', '/payouts', '/admin', '/api'];

/** Serves the pages that `npm run build` has made, with all that they load; the playground where it is wanted. */
export async function addPages(server: FastifyInstance, withPlayground: boolean): Promise<void> {
  await server.register(fastifyStatic, {
    root: join(pagesFolder, 'assets'),
    prefix: '/assets/',
    // The names carry a hash of the content.
    immutable: true,
    maxAge: '1y',
    // Each lies there compressed as well, made at build time.
    preCompressed: true,
  });
  for (const path of shared) server.get(path, (_request, reply) => sendPage(reply, 'index.html'));
  if (withPlayground)
    server.get('/playground', (_request, reply) => sendPage(reply, 'playground/index.html'));
  // At the root, for a worker answers only for what lies below it. Asked for anew, like a page: it names assets, too.
  server.get('/worker.js', (_request, reply) => sendPage(reply, 'worker.js'));
}

/** A page is asked for anew at every visit, since it names the assets of its version. */
function sendPage(reply: FastifyReply, file: string): FastifyReply {
  return reply.header('cache-control', 'no-cache').sendFile(file, pagesFolder, { cacheControl: false });
}
