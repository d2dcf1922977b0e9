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

type Row = readonly [Cell, Cell, Cell, Cell, Cell, Cell];
/** An operation that knows nothing of scopes: it is allowed as a whole or not at all. */
type WholeRow = readonly [Whole, Whole, Whole, Whole, Whole, Whole];
type Whole = 'none' | 'all';

/** Operations on what belongs to caregivers: each asks for its scope by {@link scopeOf}. Of one of them, an input field. */
// biome-ignore format: a table is read by its columns
const scoped = {
  //                                ANONYMOUS CAREGIVER MANAGER  ANALYST  ACCOUNTANT  ADMIN
  'Query.caregiver':               ['none',   'own',    'unit',  'all',   'all',      'all'],
  'Query.caregivers':              ['none',   'own',    'unit',  'all',   'all',      'all'],
  'Query.unit':                    ['none',   'own',    'unit',  'all',   'all',      'all'],
  'Query.units':                   ['none',   'own',    'unit',  'all',   'all',      'all'],
  'Query.event':                   ['none',   'own',    'unit',  'all',   'all',      'all'],
  'Query.events':                  ['none',   'own',    'unit',  'all',   'all',      'all'],
  'Query.report':                  ['none',   'own',    'unit',  'all',   'all',      'all'],
  'Subscription.eventsChanged':    ['none',   'own',    'unit',  'all',   'all',      'all'],
  'Subscription.reportChanged':    ['none',   'own',    'unit',  'all',   'all',      'all'],
  'GET /report.csv':               ['none',   'own',    'unit',  'all',   'all',      'all'],
  'Mutation.registerEvent':        ['none',   'own',    'unit',  'none',  'none',     'all'],
  'Mutation.registerEvents':       ['none',   'own',    'unit',  'none',  'none',     'all'],
  'RegisterEventInput.lateReason': ['none',   'none',   'unit',  'none',  'none',     'all'],
  'Mutation.deleteEvent':          ['none',   'own',    'unit',  'none',  'none',     'all'],
} as const satisfies Record<string, Row>;

// biome-ignore format: a table is read by its columns
const whole = {
  //                                ANONYMOUS CAREGIVER MANAGER  ANALYST  ACCOUNTANT  ADMIN
  'Query.ping':                    ['all',    'all',    'all',   'all',   'all',      'all'],
  'Query.viewer':                  ['none',   'all',    'all',   'all',   'all',      'all'],
  'Query.service':                 ['none',   'all',    'all',   'all',   'all',      'all'],
  'Query.eventType':               ['none',   'all',    'all',   'all',   'all',      'all'],
  'Query.eventTypes':              ['none',   'all',    'all',   'all',   'all',      'all'],
  'Query.payout':                  ['none',   'none',   'none',  'none',  'all',      'all'],
  'Query.payouts':                 ['none',   'none',   'none',  'none',  'all',      'all'],
  'Mutation.reimburseEvents':      ['none',   'none',   'none',  'none',  'all',      'all'],
  'Query.auditLog':                ['none',   'none',   'none',  'none',  'none',     'all'],
  'Mutation.createCaregiver':      ['none',   'none',   'none',  'none',  'none',     'all'],
  'Mutation.updateCaregiver':      ['none',   'none',   'none',  'none',  'none',     'all'],
  'Mutation.createUnit':           ['none',   'none',   'none',  'none',  'none',     'all'],
  'Mutation.createEventType':      ['none',   'none',   'none',  'none',  'none',     'all'],
  'Mutation.updateEventType':      ['none',   'none',   'none',  'none',  'none',     'all'],
  'Mutation.deleteEventType':      ['none',   'none',   'none',  'none',  'none',     'all'],
  'Mutation.createToken':          ['none',   'none',   'none',  'none',  'none',     'all'],
  'Mutation.revokeToken':          ['none',   'none',   'none',  'none',  'none',     'all'],
  'GET /metrics':                  ['none',   'none',   'none',  'none',  'none',     'all'],
  'Query.revokedTokens':           ['none',   'none',   'none',  'none',  'none',     'all'],
  // Pages, which hold no data, and whether the service is well.
  'GET /':                        ['all',    'all',    'all',   'all',   'all',      'all'],
  'GET /report':                  ['all',    'all',    'all',   'all',   'all',      'all'],
  'GET /register':                ['all',    'all',    'all',   'all',   'all',      'all'],
  'GET /payouts':                 ['all',    'all',    'all',   'all',   'all',      'all'],
  'GET /admin':                   ['all',    'all',    'all',   'all',   'all',      'all'],
  'GET /api':                     ['all',    'all',    'all',   'all',   'all',      'all'],
  'GET /playground':              ['all',    'all',    'all',   'all',   'all',      'all'],
  'GET /worker.js':                ['all',    'all',    'all',   'all',   'all',      'all'],
  'GET /assets/*':                ['all',    'all',    'all',   'all',   'all',      'all'],
  'GET /health/live':              ['all',    'all',    'all',   'all',   'all',      'all'],
  'GET /health/ready':             ['all',    'all',    'all',   'all',   'all',      'all'],
  // Here each field of the query goes by its own row.
  'GET /graphql':                  ['all',    'all',    'all',   'all',   'all',      'all'],
  'POST /graphql':                 ['all',    'all',    'all',   'all',   'all',      'all'],
} as const satisfies Record<string, WholeRow>;

/**
 * Who may do what: a row for every query, mutation, subscription and HTTP route. Where one has none, the service does
 * not start.
 */
export const accessTable: Readonly<Record<Operation, Row>> = { ...scoped, ...whole };

export type ScopedOperation = keyof typeof scoped;
export type Operation = ScopedOperation | keyof typeof whole;

export function isOperation(name: string): name is Operation {
  return Object.hasOwn(accessTable, name);
}

/** What a role may do with an operation. */
export function cellOf(operation: Operation, role: Role | 'ANONYMOUS'): Cell {
  return accessTable[operation][columns.indexOf(role)] as Cell;
}

/** Whether somebody may use an operation at all, for whomever. */
export function mayUse(principal: Principal, operation: Operation): boolean {
  return cellOf(operation, principal.role) !== 'none';
}

/** @throws AppError UNAUTHENTICATED, FORBIDDEN */
export function requireAllowed(principal: Principal, operation: Operation): void {
  if (!mayUse(principal, operation)) throw refusal(principal, operation);
}

/**
 * For whom somebody may use an operation.
 * @throws AppError UNAUTHENTICATED, FORBIDDEN
 */
export function scopeOf(principal: Principal, operation: ScopedOperation): Scope {
  const cell = cellOf(operation, principal.role);
  if (cell === 'all') return everybody;
  const { caregiverId, unitId } = principal;
  if (cell === 'own' && caregiverId !== undefined) return { of: 'caregiver', caregiverId };
  if (cell === 'unit' && unitId !== undefined) return { of: 'unit', unitId };
  // A token that lacks what its role needs was not let in; should one be, it may do nothing.
  throw refusal(principal, operation);
}

/** @returns UNAUTHENTICATED for whoever has not signed in, with a sentence that says how */
export function notSignedIn(): AppError {
  return new AppError(
    'UNAUTHENTICATED',
    'Sign in for this: send a token in the header "Authorization: Bearer TOKEN".',
  );
}

function refusal(principal: Principal, operation: Operation): AppError {
  if (principal.role === 'ANONYMOUS') return notSignedIn();
  const allowed = roles.filter((role) => cellOf(operation, role) !== 'none');
  const name = operation.replace(/^\w+\./, '');
  return new AppError(
    'FORBIDDEN',
    `${name} is for the ${allowed.length === 1 ? 'role' : 'roles'} ${inWords(allowed)}; you are signed in as ${principal.role}.`,
  );
}

function inWords(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
