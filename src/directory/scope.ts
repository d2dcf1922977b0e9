import sql, { raw, type Sql } from 'sql-template-tag';
import type { Scope } from '../platform/access/scope';

/**
 * A condition on a column that holds caregivers' ids. The scope of a unit is the caregivers who belong to it now, with all
 * that is theirs, which moves along with them. A scope of another kind has no caregivers.
 */
export function inScope(scope: Scope, caregiverId: Sql): Sql {
  if (scope === 'everybody') return raw('true');
  if (scope.kind === 'caregiver') return sql`${caregiverId} = ${scope.id}`;
  if (scope.kind !== 'unit') return raw('false');
  return sql`${caregiverId} in (select id from caregiver where unit_id = ${scope.id})`;
}

/** A condition on a column that holds units' ids: a caregiver sees the unit that they belong to. */
export function unitInScope(scope: Scope, unitId: Sql): Sql {
  if (scope === 'everybody') return raw('true');
  if (scope.kind === 'unit') return sql`${unitId} = ${scope.id}`;
  if (scope.kind !== 'caregiver') return raw('false');
  return sql`${unitId} in (select unit_id from caregiver where id = ${scope.id})`;
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
  if (scope === 'everybody') return { caregiverIds, unitIds };
  if (scope.kind === 'caregiver') return { caregiverIds: onlyOne(scope.id, caregiverIds), unitIds };
  if (scope.kind === 'unit') return { caregiverIds, unitIds: onlyOne(scope.id, unitIds) };
  return { caregiverIds: [], unitIds };
}

function onlyOne(id: number, asked: readonly number[] | undefined): readonly number[] {
  return asked === undefined || asked.includes(id) ? [id] : [];
}

/** Whether a caregiver is in scope, for commands, whose batches mix the inputs of several people. */
export function includes(scope: Scope, caregiver: { id: number; unitId: number | null }): boolean {
  if (scope === 'everybody') return true;
  if (scope.kind === 'caregiver') return caregiver.id === scope.id;
  return scope.kind === 'unit' && caregiver.unitId === scope.id;
}
