import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Principal } from '../../access/principal';
import { AppError } from '../../errors';
import { type Limits, settingOf } from '../../limits';
import { count } from '../../values/count';
import type { Addresses } from './addresses';
import { findAmbiguity } from './headers';

const windowMs = 60_000;
/** Of addresses, and of principals, that are counted at a time: the one unheard of for longest makes room. */
const maxCounted = 20_000;

/** Somebody has asked too often. */
export interface TooOften {
  error: AppError;
  retryAfterSeconds: number;
}

/**
 * Counts what is asked within a minute, wherever it comes from: requests over HTTP, and over WebSocket the sockets
 * themselves and each subscription. Time is what has passed, not what a clock shows: a clock that is set back would
 * shut everybody out until it has caught up.
 */
export class Rates {
  private readonly addresses = new Counts();
  private readonly principals = new Counts();

  constructor(private readonly limits: Limits) {}

  /** For the time before anybody is known: also of those who guess tokens. */
  countAddress(address: string): TooOften | undefined {
    return this.count(this.addresses, address, 'An address', 'requestsOfAddress');
  }

  /** Once it is known who is calling, from wherever. */
  countPrincipal({ role, subject }: Principal): TooOften | undefined {
    if (role === 'ANONYMOUS') return undefined;
    return this.count(this.principals, subject, 'Everybody', 'requestsOfPrincipal');
  }

  private count(
    counts: Counts,
    key: string,
    who: string,
    name: 'requestsOfAddress' | 'requestsOfPrincipal',
  ): TooOften | undefined {
    const most = this.limits[name];
    const restMs = most === 0 ? 0 : counts.count(key, most);
    if (restMs === 0) return undefined;
    const retryAfterSeconds = Math.ceil(restMs / 1_000);
    const message = `${who} may send ${most} requests a minute ${settingOf(name)}. Try again in ${count(retryAfterSeconds, 'second')}.`;
    return {
      error: new AppError('RATE_LIMITED', message, undefined, { retryAfterSeconds }),
      retryAfterSeconds,
    };
  }
}

/** For each key, what has happened in a minute of its own. */
class Counts {
  private readonly counted = new Map<string, { count: number; sinceMs: number }>();

  /** @returns how many milliseconds of a minute are left in which there has been more than may be; 0 when there has not */
  count(key: string, most: number): number {
    const nowMs = performance.now();
    let found = this.counted.get(key);
    if (!found || nowMs - found.sinceMs >= windowMs) found = { count: 0, sinceMs: nowMs };
    found.count += 1;
    // Behind all others: the one in front is the one unheard of for longest.
    this.counted.delete(key);
    this.counted.set(key, found);
    if (this.counted.size > maxCounted) this.counted.delete(this.counted.keys().next().value as string);
    return found.count > most ? found.sinceMs + windowMs - nowMs : 0;
  }
}

/** To be added before it is known who is calling. Refuses also what could be understood in two ways. */
export function addRequestRates(server: FastifyInstance, rates: Rates, addresses: Addresses): void {
  server.addHook('onRequest', (request, reply, next) => {
    const ambiguity = findAmbiguity(request.raw);
    if (ambiguity) return next(ambiguity);
    next(isProbe(request) ? undefined : toRefusal(reply, rates.countAddress(addresses.of(request.raw))));
  });
}

/** To be added once it is known who is calling. */
export function addPrincipalRates(server: FastifyInstance, rates: Rates): void {
  server.addHook('onRequest', (request, reply, next) =>
    next(toRefusal(reply, rates.countPrincipal(request.principal))),
  );
}

/** Whoever watches the service shares its address with the proxy before it, and must not take it for dead. */
function isProbe({ url }: FastifyRequest): boolean {
  return url.startsWith('/health/');
}

function toRefusal(reply: FastifyReply, tooOften: TooOften | undefined): AppError | undefined {
  if (tooOften) reply.header('retry-after', String(tooOften.retryAfterSeconds));
  return tooOften?.error;
}
