import type { FastifyInstance } from 'fastify';
import { readVerifyNote } from '../rollup/verifyNote';
import type { Service } from '../service';
import type { Metrics } from './metrics';
import { within } from './within';

/** Less than Prometheus waits by default: a database that hangs must not hide how the service is. */
const readLimitMs = 3_000;

/** `GET /metrics`: what is measured, in the text of Prometheus. */
export function addMetrics(server: FastifyInstance, { database }: Service, metrics: Metrics): void {
  server.get('/metrics', { exposeHeadRoute: false }, async (_request, reply) => {
    // What fails is left out: that the database cannot be read is told by /health/ready, and by the log.
    const orNothing = <Value>(reading: Promise<Value>) =>
      within(
        reading.catch(() => undefined),
        readLimitMs,
        undefined,
      );
    const [size, verify, risks] = await Promise.all([
      orNothing(database.readSize()),
      orNothing(database.read(readVerifyNote)),
      orNothing(database.findRisks()),
    ]);
    metrics.setRead({ size, verify, risks });
    return reply.type(metrics.registry.contentType).send(await metrics.registry.metrics());
  });
}
