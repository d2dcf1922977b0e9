import type { Act } from './act';

/** What the audit log knows: every change beyond registering, and every export. Names are those of the API where it has any. */
export const auditActions = {
  createCaregiver: 'A caregiver was created.',
  updateCaregiver: 'A caregiver was changed.',
  pseudonymiseCaregiver: 'Who a caregiver is was taken away, by a command.',
  createUnit: 'A unit was created.',
  createEventType: 'An event type was created.',
  updateEventType: 'An event type was changed.',
  deleteEventType: 'An event type was deleted.',
  deleteEvent: 'An event was deleted.',
  reimburseEvents: 'Events were paid, in one payout.',
  createToken: 'A token was made.',
  revokeToken: 'A token was revoked.',
  replaceCalendar: 'The borders of the months were replaced, by a command.',
  rebuildRollup: 'Rows of a rollup were made equal to their facts, by a command.',
  exportReport: 'A report was exported.',
  exportEvents: 'Events were exported.',
  backup: 'A copy of the database was made.',
  copy: 'The database was copied to another one.',
} as const;
export type AuditAction = keyof typeof auditActions;

/** What it is done to. */
export const auditTargets = {
  caregiver: 'A caregiver.',
  unit: 'A unit.',
  eventType: 'An event type.',
  event: 'An event.',
  payout: 'A payout.',
  token: 'A token.',
  calendar: 'The months that are counted in.',
  rollup: 'Sums that reports are read from.',
  report: 'The report.',
  events: 'The list of events.',
  database: 'The whole database.',
} as const;
export type AuditTarget = keyof typeof auditTargets;

/** Values of a row, by the names that the API has for them. Of many rows, how many, and never all. */
export type State = Readonly<Record<string, unknown>>;

/** What is about a person. It can be erased, and the log stays whole. */
export interface PersonalState {
  /** Whom it is erased with. */
  caregiverId: number;
  before?: State;
  after?: State;
  /** Typed by people, who write names. */
  reason?: string | null;
}

/** An entry of the audit log, as use cases write it. */
export interface AuditEntry {
  act: Act;
  action: AuditAction;
  target: readonly [kind: AuditTarget, id: number | string | null];
  /** What was there; left out where nothing was. */
  before?: State;
  /** What is there since; left out where nothing is. */
  after?: State;
  reason?: string | null;
  personal?: PersonalState;
}

/** The fields that differ, as they were and as they are; undefined when none does. */
export function differences<Row extends State>(
  before: Row,
  after: Row,
): { before: State; after: State } | undefined {
  const names = Object.keys(after).filter((name) => before[name] !== after[name]);
  if (names.length === 0) return undefined;
  const pick = (row: Row) => Object.fromEntries(names.map((name) => [name, row[name]]));
  return { before: pick(before), after: pick(after) };
}
