import type { Access } from '../access/access';
import type { Principal } from '../access/principal';
import type { Service } from '../service';
import type { ReadFrom } from '../storage/core/database';
import { requestDatabase } from '../storage/core/requestDatabase';

/** What every resolver of one request shares. */
export interface Context {
  /** Its database reads where the request asked to, and once the request has written, what it has written. */
  readonly service: Service;
  readonly access: Access;
  /** Who is calling. What they may do, the access.ts of each subsystem says. */
  readonly principal: Principal;
  readonly requestId: string;
  readonly outcome: RequestOutcome;
}

/** What was asked for and what became of it, as the request's line in the log says it. Filled on the way. */
export interface RequestOutcome {
  /** As in the table of roles: one of a fixed set, whatever clients send. */
  operation?: string;
  /** What the client calls it. */
  operationName?: string;
  /** The code of the first error. */
  code?: string;
  /** Of inputs that could not be dealt with while others of the request were: nobody had expected them. */
  failures?: readonly Error[];
}

/** @param readFrom the primary for whoever must see everything that was committed before */
export function createContext(
  service: Service,
  access: Access,
  principal: Principal,
  requestId: string,
  readFrom: ReadFrom = 'primary',
  outcome: RequestOutcome = {},
): Context {
  const database = requestDatabase(service.database, readFrom);
  return {
    service: { ...service, database },
    access,
    principal,
    requestId,
    outcome,
  };
}
