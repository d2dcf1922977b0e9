import type { FastifyInstance } from 'fastify';
import type { Service } from '../service';
import type { Trouble } from '../storage/core/probe';
import { within } from './within';

/** Whoever asks waits no longer. */
const checkLimitMs = 3_000;

type Failure = Trouble['kind'] | 'silent';

/** What is told: which check failed, and nothing of the machinery. */
const answers: Record<Failure, { failed: 'database' | 'migrations'; reason: string }> = {
  silent: { failed: 'database', reason: 'The database does not answer.' },
  unwritable: { failed: 'database', reason: 'The database cannot be written.' },
  locked: { failed: 'database', reason: 'Somebody else has locked the database against writing.' },
  outdated: { failed: 'migrations', reason: 'The database lacks tables of this version.' },
};

/**
 * `GET /health/live`: the process answers. `GET /health/ready`: it can serve, that is, its database can be written and
 * is what it was when the service started; 503 otherwise.
 */
export function addHealth(server: FastifyInstance, service: Service): void {
  const check = inCommon(() => service.database.findTrouble());
  let last: string | undefined;

  server.get('/health/live', async () => ({ status: 'live' }));
  server.get('/health/ready', async (_request, reply) => {
    const trouble = await within(check(), checkLimitMs, { kind: 'silent' as const });
    const failure = trouble && answerTo(trouble);
    if (failure?.reason !== last) {
      last = failure?.reason;
      if (failure) server.log.error({ ...failure, err: causeOf(trouble) }, 'not ready');
      else server.log.info('ready again');
    }
    if (!failure) return { status: 'ready' };
    return reply.code(503).send({ status: 'unavailable', ...failure });
  });
}

function answerTo({ kind, reason }: { kind: Failure; reason?: string }) {
  return { ...answers[kind], ...(reason !== undefined && { reason }) };
}

function causeOf(trouble: object): unknown {
  return 'cause' in trouble ? trouble.cause : undefined;
}

/** One check for all who ask while it is under way: anybody may ask, and often. */
function inCommon<Value>(check: () => Promise<Value>): () => Promise<Value> {
  let underWay: Promise<Value> | undefined;
  return () => {
    underWay ??= check().finally(() => {
      underWay = undefined;
    });
    return underWay;
  };
}
