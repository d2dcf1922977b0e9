import type { Limits } from '../limits';

/** What one client may ask for, and all of them together. */
export interface LiveLimits {
  sockets: number;
  /** As many people may share an address. */
  socketsOfOneAddress: number;
  /** Several people may share the subject of the service's own tokens, and none their id. */
  socketsOfOneToken: number;
  subscriptionsOfOneSocket: number;
  /** A longer message closes the socket. */
  messageBytes: number;
  /** More messages than these within ten seconds close it, too. */
  messagesInTenSeconds: number;
  /** So much may wait for a client that does not read. */
  waitingBytes: number;
  /** Whoever has not said within this time who they are is closed out. */
  signInMs: number;
  /** A client is asked so often whether it is there; one that has not answered by the next time is cut off. */
  pingEveryMs: number;
  /** So often tokens are looked at again: who is not to be let in any more is closed out. */
  checkTokensEveryMs: number;
}

/** Half of all connections stay for requests, and half of the sockets for other addresses. */
export function liveLimitsOf({ connections }: Pick<Limits, 'connections'>): LiveLimits {
  return {
    ...liveLimits,
    sockets: Math.floor(connections / 2),
    socketsOfOneAddress: Math.floor(connections / 4),
  };
}

const liveLimits = {
  socketsOfOneToken: 50,
  subscriptionsOfOneSocket: 20,
  messageBytes: 100_000,
  messagesInTenSeconds: 200,
  waitingBytes: 16 * 1024 * 1024,
  signInMs: 5_000,
  pingEveryMs: 15_000,
  checkTokensEveryMs: 1_000,
};
