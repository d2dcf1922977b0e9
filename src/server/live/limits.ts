/** What one client may ask for, and all of them together. */
export interface LiveLimits {
  sockets: number;
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

export const liveLimits: LiveLimits = {
  sockets: 2_000,
  socketsOfOneToken: 50,
  subscriptionsOfOneSocket: 20,
  messageBytes: 100_000,
  messagesInTenSeconds: 200,
  waitingBytes: 16 * 1024 * 1024,
  signInMs: 5_000,
  pingEveryMs: 15_000,
  checkTokensEveryMs: 1_000,
};
