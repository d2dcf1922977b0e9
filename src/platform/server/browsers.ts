import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';

/** What pages of this service may load and ask: itself. The playground's editor needs styles in place, and workers. */
const contentPolicy = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'", "'unsafe-inline'"],
  fontSrc: ["'self'", 'data:'],
  imgSrc: ["'self'", 'data:', 'blob:'],
  workerSrc: ["'self'", 'blob:'],
  connectSrc: ["'self'"],
  manifestSrc: ["'self'"],
  baseUri: ["'none'"],
  formAction: ["'none'"],
  frameAncestors: ["'none'"],
};

/** What answers of the API say of themselves instead: most of helmet's dozen headers are about pages. */
export const apiHeaders = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

/** Tells browsers what this service's pages may do, and whose pages may ask it. */
export async function addBrowserRules(
  server: FastifyInstance,
  corsOrigins: readonly string[],
): Promise<void> {
  await server.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: contentPolicy },
    frameguard: { action: 'deny' },
    // Whether a host is asked by TLS alone is for what brings TLS to say.
    hsts: false,
  });
  if (corsOrigins.length === 0) return;
  await server.register(cors, {
    origin: [...corsOrigins],
    methods: ['GET', 'POST'],
    allowedHeaders: ['authorization', 'content-type', 'read-from', 'apollo-require-preflight'],
    exposedHeaders: ['retry-after', 'content-disposition'],
    maxAge: 3_600,
  });
}
