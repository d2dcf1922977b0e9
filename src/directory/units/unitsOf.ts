import sql from 'sql-template-tag';
import { listOf } from '../../platform/storage/core/dialect';
import type { Snapshot } from '../../platform/storage/core/transaction';

/** The units of the caregivers that there are among these, by caregiver; null for those who belong to none. */
export async function unitsOf(
  snapshot: Snapshot,
  caregiverIds: readonly number[],
): Promise<Map<number, number | null>> {
  const rows = await snapshot.all<{ id: number; unit_id: number | null }>(
    sql`select id, unit_id from caregiver where id in ${listOf(caregiverIds)}`,
  );
  return new Map(rows.map((row) => [row.id, row.unit_id]));
}
