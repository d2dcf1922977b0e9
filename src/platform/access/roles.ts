import { AppError } from '../errors';
import { type Principal, type Role, roles } from './principal';
import { everybody, type Scope } from './scope';

/**
 * What a role may do with an operation, and for whom:
 * - `none`: nothing;
 * - `own`: the caregiver of the token; `unit`: the caregivers of the token's unit;
 * - `all`: everything, or there is nothing in it that belongs to anybody.
 */
export type Cell = 'none' | 'own' | 'unit' | 'all';

/** The columns of the table. */
export const columns = ['ANONYMOUS', ...roles] as const;

export type Row = readonly [Cell, Cell, Cell, Cell, Cell, Cell];
/** An operation that knows nothing of scopes: it is allowed as a whole or not at all. */
export type WholeRow = readonly [Whole, Whole, Whole, Whole, Whole, Whole];
type Whole = 'none' | 'all';

/** The rows of one subsystem: one for each of its queries, mutations, subscriptions and HTTP routes. */
export class AccessRows<Scoped extends string, Whole extends string> {
  readonly rows: Readonly<Record<Scoped | Whole, Row>>;

  /**
   * @param scoped operations on what belongs to somebody: each asks for its scope by {@link scopeOf}. Of one of them, an
   *   input field
   * @param whole all others
   */
  constructor(scoped: Readonly<Record<Scoped, Row>>, whole: Readonly<Record<Whole, WholeRow>>) {
    this.rows = { ...scoped, ...whole } as Record<Scoped | Whole, Row>;
  }

  /** Whether somebody may use an operation at all, for whomever. */
  mayUse(principal: Principal, operation: Scoped | Whole): boolean {
    return cellOf(this.rows[operation], principal.role) !== 'none';
  }

  /**
   * For whom somebody may use an operation.
   * @throws AppError UNAUTHENTICATED, FORBIDDEN
   */
  scopeOf(principal: Principal, operation: Scoped): Scope {
    const cell = cellOf(this.rows[operation], principal.role);
    if (cell === 'all') return everybody;
    const { caregiverId, unitId } = principal;
    if (cell === 'own' && caregiverId !== undefined) return { kind: 'caregiver', id: caregiverId };
    if (cell === 'unit' && unitId !== undefined) return { kind: 'unit', id: unitId };
    // A token that lacks what its role needs was not let in; should one be, it may do nothing.
    throw refusal(principal, operation, this.rows[operation]);
  }
}

/**
 * Who may do what: a row for every query, mutation, subscription and HTTP route. Where one has none, the service does
 * not start.
 */
export type AccessTable = ReadonlyMap<string, Row>;

/** What a role may do with the operation of a row. */
export function cellOf(row: Row, role: Role | 'ANONYMOUS'): Cell {
  return row[columns.indexOf(role)] as Cell;
}

/** @throws AppError UNAUTHENTICATED, FORBIDDEN */
export function requireAllowed(principal: Principal, operation: string, row: Row): void {
  if (cellOf(row, principal.role) === 'none') throw refusal(principal, operation, row);
}

/** @returns UNAUTHENTICATED, with a sentence that says how to sign in */
export function notSignedIn(): AppError {
  return new AppError(
    'UNAUTHENTICATED',
    'Sign in for this: send a token in the header "Authorization: Bearer TOKEN".',
  );
}

function refusal(principal: Principal, operation: string, row: Row): AppError {
  if (principal.role === 'ANONYMOUS') return notSignedIn();
  const allowed = roles.filter((role) => cellOf(row, role) !== 'none');
  const name = operation.replace(/^\w+\./, '');
  return new AppError(
    'FORBIDDEN',
    `${name} is for the ${allowed.length === 1 ? 'role' : 'roles'} ${inWords(allowed)}; you are signed in as ${principal.role}.`,
  );
}

function inWords(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
