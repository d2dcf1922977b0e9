import { userInfo } from 'node:os';
import type { Principal, Role } from '../access/principal';
import { normaliseText } from '../values/text';

/** Who does something, when, and in which request: what every entry of the audit log begins with. */
export interface Act {
  /** The subject of the token; of a command the user of the operating system. */
  readonly actor: string;
  /** OPERATOR works on the database itself, by a command. */
  readonly role: Principal['role'] | 'OPERATOR';
  /** Of a token that the service has made, the log also tells who has made it. */
  readonly tokenId: string | null;
  readonly requestId: string | null;
  /** Milliseconds since 1970, UTC. */
  readonly atMs: number;
}

/** What the input of a use case says beside its wish, where the audit log is told of it. */
export type Audited<Wish> = Wish & { act: Act };

/** What a request does. Caregivers stand in the log by their id alone, whatever an identity provider calls them. */
export function actOf(request: { principal: Principal; requestId: string; service: { now(): number } }): Act {
  const { principal, requestId, service } = request;
  const { caregiverId, subject, role, tokenId } = principal;
  const actor =
    caregiverId === undefined ? subject : `${'CAREGIVER' satisfies Role}:${caregiverId}`.toLowerCase();
  return { actor, role, tokenId, requestId, atMs: service.now() };
}

/** What somebody does by a command. */
export function actOfOperator({ now }: { now(): number }): Act {
  return { actor: userName(), role: 'OPERATOR', tokenId: null, requestId: null, atMs: now() };
}

/** In a container the user may have a number and no name. */
function userName(): string {
  try {
    return normaliseText(userInfo().username);
  } catch {
    return `user ${process.getuid?.() ?? 'unknown'}`;
  }
}
