import type { FastifyInstance } from 'fastify';
import sql from 'sql-template-tag';
import type { Service } from '../service';

/**
 * `GET /health/live`: the process answers. `GET /health/ready`: it can serve, that is, it reaches its database; 503
 * otherwise.
 */
export function addHealth(server: FastifyInstance, service: Service): void {
  server.get('/health/live', async () => ({ status: 'live' }));
  server.get('/health/ready', async (_request, reply) => {
    try {
      await service.database.read((snapshot) => snapshot.one(sql`select 1 from calendar_month limit 1`));
      return { status: 'ready' };
    } catch (error) {
      server.log.error({ err: error }, 'the database does not answer');
      return reply.code(503).send({ status: 'unavailable', reason: 'The database does not answer.' });
    }
  });
}
