import { QueryFailedError } from 'typeorm';
import { AppError } from '../../errors';

/** SQLite result codes that tell of the machine or the file, not of the statement. */
const sqliteUnavailable =
  /^SQLITE_(BUSY|LOCKED|READONLY|IOERR|FULL|CANTOPEN|CORRUPT|NOTADB|PROTOCOL|NOMEM)(_|$)/;

/**
 * Classes and codes of PostgreSQL: connection, credentials, database missing, read only, left idle, deadlock and
 * serialization, tables missing (a dump is being restored), resources, locks, cancelled or shut down, machine, broken
 * files.
 */
const postgresUnavailable =
  /^(08...|28...|3D000|25006|25P0[34]|40001|40P01|42P01|53...|55P03|57014|57P0.|58...|XX00[12])$/;

/**
 * A failure of the way to the server, not of a statement: no connection, or it broke. Wrapped where it is met, for the
 * same codes come from files and from clients that hang up.
 */
export class ConnectionFailure extends Error {
  constructor(readonly driverError: unknown) {
    super('the connection to the database failed', { cause: driverError });
  }
}

/** The server did not answer at all, not even to refuse: whoever waits for it need not try by himself. */
export class Unreached extends ConnectionFailure {}

/** The commit was sent, and it failed in a way that leaves open whether it was done; or it was never answered. */
export class CommitUnanswered extends ConnectionFailure {}

/** Somebody has changed what the service relies on, since it looked; or a replica has not come so far. Nothing was done. */
export class Overtaken extends Error {}

/**
 * The service must not go on with this database, and says so also where it tells whether it is ready. Thrown before
 * anything is done.
 */
export class NotServing extends AppError {
  /** @param reason what is told at /health/ready */
  constructor(
    message: string,
    readonly reason: string,
  ) {
    super('UNAVAILABLE', message);
  }
}

/**
 * What another transaction has committed cannot be seen everywhere yet: nodes of a cluster commit one after the other. The
 * transaction that would need to see it is done again in a moment.
 */
export class NotYetVisible extends Error {}

/** A failure of a SQLite file that is noticed here, and not by SQLite. */
export function fileFailure(message: string): Error {
  return Object.assign(new Error(message), { code: 'SQLITE_IOERR' });
}

/** The constraint that a statement ran into. */
export interface ConstraintFailure {
  kind: 'check' | 'unique';
  /** The constraint's name for a check; for a unique key what the engine calls it. */
  name: string;
}

/** Which constraint refused the statement; undefined for every other failure. */
export function constraintFailureOf(error: unknown): ConstraintFailure | undefined {
  const { message = '', code, constraint = nameAtEnd(message) } = driverErrorOf(error) ?? {};
  if (code === '23514') return { kind: 'check', name: constraint };
  if (code === '23505') return { kind: 'unique', name: constraint };
  const check = /^CHECK constraint failed: (\S+)/.exec(message)?.[1];
  if (check) return { kind: 'check', name: check };
  const unique = /^UNIQUE constraint failed: ([^\s,]+)/.exec(message)?.[1];
  return unique ? { kind: 'unique', name: unique } : undefined;
}

/** What Citus hands on of a node's failure has the constraint's name at the end of its message only. */
function nameAtEnd(message: string): string {
  return /"([^"]+)"$/.exec(message)?.[1] ?? '';
}

/** Whether another connection holds the lock just now. */
export function isBusy(error: unknown): boolean {
  return /^SQLITE_(BUSY|LOCKED)/.test(driverErrorOf(error)?.code ?? '');
}

/** Whether the server takes no writes just now. */
export function isReadOnly(error: unknown): boolean {
  return driverErrorOf(error)?.code === '25006';
}

/**
 * Whether a read that failed like this may well succeed on another server: this one is down, is full, or had to remove
 * what the read was looking at. What took too long would take as long there.
 */
export function isTroubleOfServer(error: unknown): boolean {
  if (error instanceof Overtaken) return true;
  return isUnavailable(error) && driverErrorOf(error)?.code !== '57014';
}

/** Whether the connection to a server broke. */
export function isLost(error: unknown): boolean {
  return isConnectionFailure(error) || /^(08...|57P0[1-3]|25P03)$/.test(driverErrorOf(error)?.code ?? '');
}

/**
 * Whether a commit of PostgreSQL that failed like this may have been done all the same: the connection broke, or the server
 * did while it wrote its log (it stops then, and what is in the log when it starts again is committed). All else is found
 * before the commit is written down.
 */
export function leavesCommitOpen(error: unknown): boolean {
  return isLost(error) || /^(53|57P|58|F0|XX)/.test(driverErrorOf(error)?.code ?? '');
}

/**
 * How often a transaction that failed like this may be done again as a whole, nothing of it being left: others got in
 * its way. Who runs into a unique key that was free when it was checked has met another instance, whose row is seen
 * the second time.
 */
export function retriesOf(error: unknown): number {
  if (error instanceof CommitUnanswered) return 0;
  if (error instanceof NotYetVisible) return 8;
  const code = driverErrorOf(error)?.code ?? '';
  if (code === '40001' || code === '40P01') return 8;
  return code === '23505' || code === '55P03' ? 1 : 0;
}

/** Whether a sum passed 2^63 inside the database. */
export function isIntegerOverflow(error: unknown): boolean {
  const failure = driverErrorOf(error);
  return failure?.message === 'integer overflow' || failure?.code === '22003';
}

/** Turns a failure of the database itself into UNAVAILABLE; hands every other error back as it is. */
export function translateFailure(error: unknown): unknown {
  if (!isUnavailable(error)) return error;
  const failure = new AppError(
    'UNAVAILABLE',
    error instanceof CommitUnanswered ? outcomeUnknown : nothingDone,
  );
  // For the log alone: the cause never leaves the service.
  failure.cause = error;
  return failure;
}

/** Whether a failure, translated or not, leaves open if what was asked for was done. */
export function isOutcomeUnknown(failure: unknown): boolean {
  return (failure instanceof AppError ? failure.cause : failure) instanceof CommitUnanswered;
}

const nothingDone =
  'The database cannot be reached or written just now. Nothing was done; send this again in a few seconds.';
const outcomeUnknown =
  'The database was lost before it had answered, so it is not known whether this was done. ' +
  'Events may be sent again with the same ids, for none is ever counted twice; look before you send anything else again.';

function isUnavailable(error: unknown): boolean {
  if (error instanceof AppError) return false;
  if (isConnectionFailure(error) || error instanceof NotYetVisible) return true;
  const code = driverErrorOf(error)?.code ?? '';
  return sqliteUnavailable.test(code) || postgresUnavailable.test(code);
}

function isConnectionFailure(error: unknown): boolean {
  if (error instanceof ConnectionFailure) return true;
  // Repositories wrap whatever the driver throws; without a code of the engine it is the connection that failed.
  const { code, message = '' } = (error instanceof QueryFailedError && driverErrorOf(error)) || {};
  return (
    /^E[A-Z]+$/.test(code ?? '') || (code === undefined && /^(Connection|Client|timeout)\b/.test(message))
  );
}

/** An error as a driver makes it. */
export interface DriverError {
  code?: string;
  message: string;
  /** The constraint's name, from PostgreSQL. */
  constraint?: string;
}

/** The driver's error: as TypeORM wraps it, as the driver throws it, or as it comes out of another thread. */
export function driverErrorOf(error: unknown): DriverError | undefined {
  const isWrapped = error instanceof QueryFailedError || error instanceof ConnectionFailure;
  const cause = isWrapped ? error.driverError : error;
  const isFailure = typeof cause === 'object' && cause !== null && 'message' in cause;
  return isFailure ? (cause as DriverError) : undefined;
}

/** Why something failed, in the driver's words, from below the sentence that clients are told; for operators alone. */
export function reasonOf(error: unknown): string {
  if (error instanceof AppError) return error.cause === undefined ? error.message : reasonOf(error.cause);
  const { message, code } = driverErrorOf(error) ?? { message: String(error), code: undefined };
  return code === undefined ? message : `${message} (${code})`;
}
