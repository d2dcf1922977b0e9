import sql, { raw, type Sql } from 'sql-template-tag';
import type { Scope } from '../platform/access/scope';

/**
 * What a scope means here. That of a unit is the caregivers who belong to it now, with all that is theirs, which moves along
 * with them. One of a kind that is not known here has nobody in it.
 */
interface Meaning {
  caregiverId?: number;
  unitId?: number;
}

function meaningOf(scope: Exclude<Scope, 'everybody'>): Meaning {
  if (scope.kind === 'caregiver') return { caregiverId: scope.id };
  return scope.kind === 'unit' ? { unitId: scope.id } : {};
}

/** A condition on a column that holds caregivers' ids. */
export function inScope(scope: Scope, caregiverId: Sql): Sql {
  if (scope === 'everybody') return raw('true');
  const { caregiverId: only, unitId } = meaningOf(scope);
  if (only !== undefined) return sql`${caregiverId} = ${only}`;
  if (unitId === undefined) return raw('false');
  return sql`${caregiverId} in (select id from caregiver where unit_id = ${unitId})`;
}

/** A condition on a column that holds units' ids: a caregiver sees the unit that they belong to. */
export function unitInScope(scope: Scope, unitId: Sql): Sql {
  if (scope === 'everybody') return raw('true');
  const { caregiverId, unitId: only } = meaningOf(scope);
  if (only !== undefined) return sql`${unitId} = ${only}`;
  if (caregiverId === undefined) return raw('false');
  return sql`${unitId} in (select unit_id from caregiver where id = ${caregiverId})`;
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
  const { caregiverId, unitId } = meaningOf(scope);
  if (caregiverId !== undefined) return { caregiverIds: onlyOne(caregiverId, caregiverIds), unitIds };
  if (unitId !== undefined) return { caregiverIds, unitIds: onlyOne(unitId, unitIds) };
  return { caregiverIds: [], unitIds };
}

function onlyOne(id: number, asked: readonly number[] | undefined): readonly number[] {
  return asked === undefined || asked.includes(id) ? [id] : [];
}

/** Whether a caregiver is in scope, for commands, whose batches mix the inputs of several people. */
export function includes(scope: Scope, caregiver: { id: number; unitId: number | null }): boolean {
  if (scope === 'everybody') return true;
  const { caregiverId, unitId } = meaningOf(scope);
  return caregiverId === undefined
    ? unitId !== undefined && caregiver.unitId === unitId
    : caregiver.id === caregiverId;
}
