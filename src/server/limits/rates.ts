import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyReply, FastifyRequest, onRequestAsyncHookHandler } from 'fastify';
import { AppError } from '../../errors';
import { type Limits, settingOf } from '../../limits';

const windowMs = 60_000;
/** Of addresses, and of principals, that are counted at a time: the one unheard of for longest makes room. */
const mostCounted = 20_000;

export interface Rates {
  /** Before anybody is known: also of those who guess tokens. */
  ofAddress: onRequestAsyncHookHandler;
  /** Once it is known who is calling, from wherever. */
  ofPrincipal: onRequestAsyncHookHandler;
}

/** Makes hooks that count the requests of a minute, and refuse those beyond the limit with RATE_LIMITED. */
export async function createRates(server: FastifyInstance, limits: Limits): Promise<Rates> {
  await server.register(rateLimit, { global: false, timeWindow: windowMs, cache: mostCounted });
  const byAddress = server.createRateLimit({ max: limits.requestsOfAddress });
  const byPrincipal = server.createRateLimit({
    max: limits.requestsOfPrincipal,
    keyGenerator: ({ principal }) => principal.subject,
  });
  return {
    async ofAddress(request, reply) {
      if (limits.requestsOfAddress === 0 || isProbe(request)) return;
      const count = await byAddress(request);
      if (isExceeded(count))
        throw refusal(reply, count.ttlInSeconds, 'An address', 'requestsOfAddress', limits);
    },
    async ofPrincipal(request, reply) {
      if (limits.requestsOfPrincipal === 0 || request.principal.role === 'ANONYMOUS') return;
      const count = await byPrincipal(request);
      if (isExceeded(count))
        throw refusal(reply, count.ttlInSeconds, 'Everybody', 'requestsOfPrincipal', limits);
    },
  };
}

type Count = Awaited<ReturnType<ReturnType<FastifyInstance['createRateLimit']>>>;

function isExceeded(count: Count): count is Extract<Count, { isAllowed: false }> {
  return !count.isAllowed && count.isExceeded;
}

/** Whoever watches the service shares its address with the proxy before it, and must not take it for dead. */
function isProbe({ url }: FastifyRequest): boolean {
  return url.startsWith('/health/');
}

function refusal(
  reply: FastifyReply,
  afterSeconds: number,
  who: string,
  name: 'requestsOfAddress' | 'requestsOfPrincipal',
  limits: Limits,
): AppError {
  reply.header('retry-after', String(afterSeconds));
  return new AppError(
    'RATE_LIMITED',
    `${who} may send ${limits[name]} requests a minute ${settingOf(name)}. Try again in ${afterSeconds} seconds.`,
  );
}
