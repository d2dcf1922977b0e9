import type { Act } from './act';

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
export interface AuditEntry<Action extends string = string, Target extends string = string> {
  act: Act;
  action: Action;
  target: readonly [kind: Target, id: number | string | null];
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
