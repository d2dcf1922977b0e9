import { QueryFailedError } from 'typeorm';
import { AppError } from '../errors';

/** SQLite result codes that tell of the machine or the file, not of the statement. */
const unavailableCodes =
  /^SQLITE_(BUSY|LOCKED|READONLY|IOERR|FULL|CANTOPEN|CORRUPT|NOTADB|PROTOCOL|NOMEM)(_|$)/;

/** The constraint that a statement ran into. */
export interface ConstraintFailure {
  kind: 'check' | 'unique';
  /** The constraint's name for a check; `table.column` for a unique key. */
  name: string;
}

/** Which constraint refused the statement; undefined for every other failure. */
export function constraintFailureOf(error: unknown): ConstraintFailure | undefined {
  const message = driverErrorOf(error)?.message ?? '';
  const check = /^CHECK constraint failed: (\S+)/.exec(message)?.[1];
  if (check) return { kind: 'check', name: check };
  const unique = /^UNIQUE constraint failed: ([^\s,]+)/.exec(message)?.[1];
  return unique ? { kind: 'unique', name: unique } : undefined;
}

/** Whether another connection holds the lock just now. */
export function isBusy(error: unknown): boolean {
  return /^SQLITE_(BUSY|LOCKED)/.test(driverErrorOf(error)?.code ?? '');
}

/** Whether a sum passed 2^63 inside the database. */
export function isIntegerOverflow(error: unknown): boolean {
  return driverErrorOf(error)?.message === 'integer overflow';
}

/** Turns a failure of the database itself into UNAVAILABLE; hands every other error back as it is. */
export function translateFailure(error: unknown): unknown {
  const code = driverErrorOf(error)?.code;
  if (code === undefined || !unavailableCodes.test(code)) return error;
  const failure = new AppError(
    'UNAVAILABLE',
    'The database cannot be reached or written just now. Nothing was done; send this again in a few seconds.',
  );
  // For the log alone: the cause never leaves the service.
  failure.cause = error;
  return failure;
}

/** The driver's error: as TypeORM wraps it, as the driver throws it, or as it comes out of another thread. */
function driverErrorOf(error: unknown): { code?: string; message: string } | undefined {
  const cause = error instanceof QueryFailedError ? error.driverError : error;
  const isFailure = typeof cause === 'object' && cause !== null && 'message' in cause;
  return isFailure ? (cause as { code?: string; message: string }) : undefined;
}
