import type { FastifyInstance } from 'fastify';
import type { Service } from '../service';

/** Operators are promised ten seconds, the end of the process included. */
const stopWithinMs = 9_500;
/** How long requests in flight may take to end; the rest is for what they have put into the queue. */
const requestsWithinMs = 7_000;
/** Connections that have been answered are closed so often. */
const closeIdleEveryMs = 200;

/**
 * Stops on SIGTERM or SIGINT: takes nothing new, finishes the requests in flight and all that waits to be written, and
 * ends. What does not come to its end is cut off, and the log says so. A second signal ends the process at once: what was
 * acknowledged is on the disk anyway.
 */
export function stopOnSignals(server: FastifyInstance, service: Service): void {
  let stopping = false;
  const onSignal = (signal: NodeJS.Signals) => {
    if (stopping) return cut(server, `a second signal, ${signal}: ends at once`);
    stopping = true;
    server.log.info({ signal }, 'stopping');
    void stop(server, service);
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
}

/** Answers from now on tell the client that the connection ends with them. To be called before routes are added. */
export function closeConnectionsWhenStopping(server: FastifyInstance): void {
  let stopping = false;
  server.addHook('preClose', async () => {
    stopping = true;
  });
  server.addHook('onSend', (_request, reply, payload, next) => {
    if (stopping) reply.header('connection', 'close');
    next(null, payload);
  });
}

async function stop(server: FastifyInstance, service: Service): Promise<void> {
  setTimeout(() => cut(server, 'what waited to be written did not end: cut off'), stopWithinMs).unref();
  // A connection whose answer had begun before does not know that it is to be closed.
  const closingIdle = setInterval(() => server.server.closeIdleConnections(), closeIdleEveryMs);
  const cutting = setTimeout(() => {
    server.log.warn('requests did not end: cut off');
    server.server.closeAllConnections();
  }, requestsWithinMs);
  try {
    await server.close();
    clearTimeout(cutting);
    clearInterval(closingIdle);
    await service.close();
    server.log.info('stopped');
  } catch (error) {
    server.log.error({ err: error }, 'could not stop in order');
    process.exit(1);
  }
}

/** What the log still holds is written by the end of the process. */
function cut(server: FastifyInstance, why: string): void {
  server.log.warn(why);
  process.exit(1);
}
