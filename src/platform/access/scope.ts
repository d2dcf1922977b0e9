import sql, { raw, type Sql } from 'sql-template-tag';

/**
 * Whose data somebody may see or change. It goes into the statements that read, never behind them: what lies outside
 * is in no page, no total and no cursor, and looks like what does not exist.
 */
export type Scope =
  | { readonly of: 'everybody' }
  | { readonly of: 'caregiver'; readonly caregiverId: number }
  /** The caregivers who belong to the unit now, with all their events: these move along with them. */
  | { readonly of: 'unit'; readonly unitId: number };

/** The scope of operators, who work on the database itself, and of roles that see all. */
export const everybody: Scope = Object.freeze({ of: 'everybody' });

/** A condition on a column that holds caregivers' ids. */
export function inScope(scope: Scope, caregiverId: Sql): Sql {
  if (scope.of === 'everybody') return raw('true');
  if (scope.of === 'caregiver') return sql`${caregiverId} = ${scope.caregiverId}`;
  return sql`${caregiverId} in (select id from caregiver where unit_id = ${scope.unitId})`;
}

/** A condition on a column that holds units' ids: a caregiver sees the unit that they belong to. */
export function unitInScope(scope: Scope, unitId: Sql): Sql {
  if (scope.of === 'everybody') return raw('true');
  if (scope.of === 'unit') return sql`${unitId} = ${scope.unitId}`;
  return sql`${unitId} in (select unit_id from caregiver where id = ${scope.caregiverId})`;
}

/** Whom to look for; what is undefined does not narrow, an empty list matches nobody. Both conditions must hold. */
export interface Chosen {
  caregiverIds?: readonly number[] | undefined;
  unitIds?: readonly number[] | undefined;
}

/**
 * Whom was asked for, without those outside the scope. Statements that take such lists anyway, and are tuned for them,
 * need no other condition.
 */
export function narrow(scope: Scope, { caregiverIds, unitIds }: Chosen): Chosen {
  if (scope.of === 'caregiver') {
    return { caregiverIds: onlyOne(scope.caregiverId, caregiverIds), unitIds };
  }
  return { caregiverIds, unitIds: scope.of === 'unit' ? onlyOne(scope.unitId, unitIds) : unitIds };
}

function onlyOne(id: number, asked: readonly number[] | undefined): readonly number[] {
  return asked === undefined || asked.includes(id) ? [id] : [];
}

/** Whether a caregiver is in scope, for commands, whose batches mix the inputs of several people. */
export function includes(scope: Scope, caregiver: { id: number; unitId: number | null }): boolean {
  if (scope.of === 'caregiver') return caregiver.id === scope.caregiverId;
  return scope.of === 'everybody' || caregiver.unitId === scope.unitId;
}
