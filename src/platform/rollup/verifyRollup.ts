import type { Database } from '../storage/core/database';
import { compareSlice, type Drift } from './compareSlice';
import type { Rollup } from './rollup';
import { forEachSlice } from './slices';

/**
 * Compares a rollup with its facts while the service goes on; each slice is one snapshot.
 * @returns every row that differs; none when all agree
 */
export async function verifyRollup(
  database: Database,
  rollup: Rollup,
  progress?: (part: number) => void,
): Promise<Drift[]> {
  const drifts: Drift[] = [];
  await forEachSlice(
    database,
    rollup,
    async (slice) => {
      drifts.push(...(await database.read((snapshot) => compareSlice(snapshot, rollup, slice))));
    },
    progress,
  );
  return drifts;
}
