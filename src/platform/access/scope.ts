/** Somebody or something that data belong to: what kind of it, by the name that its subsystem has for it, and its id. */
export interface Subject {
  readonly kind: string;
  readonly id: number;
}

/**
 * Whose data somebody may see or change. It goes into the statements that read, never behind them: what lies outside
 * is in no page, no total and no cursor, and looks like what does not exist.
 */
export type Scope = 'everybody' | Subject;

/** The scope of operators, who work on the database itself, and of roles that see all. */
export const everybody: Scope = 'everybody';
