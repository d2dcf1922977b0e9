import type { WebSocket } from 'ws';
import type { Principal } from '../access/principal';

/** One socket, and who has signed in on it. */
export interface Client {
  readonly socket: WebSocket;
  /** Whose it is, as far as can be told from where it comes. */
  readonly address: string;
  /** Undefined until they have. */
  signedIn: { authorization: string; principal: Principal } | undefined;
}
