import sql, { raw } from 'sql-template-tag';
import type { Database } from '../storage/database';
import { type Rollup, sliceColumn } from './rollup';

/** A range of the first key column, both ends included. */
export interface Slice {
  from: number;
  to: number;
}

/** One slice should take about this long, so that readers and writers in between wait no longer. */
const targetMs = 25;
const mostKeysInSlice = 4_096;

/**
 * Walks along the first key column of a rollup and its facts, in slices that grow while they are quick and shrink
 * when they are slow. Work on a slice is one transaction or snapshot; others get their turn between two slices.
 * @param progress told after each slice which part, from 0 to 1, is done
 */
export async function forEachSlice(
  database: Database,
  rollup: Rollup,
  work: (slice: Slice) => Promise<void>,
  progress: (part: number) => void = () => undefined,
): Promise<void> {
  const range = await keyRange(database, rollup);
  if (range === undefined) return;
  let span = 1;
  for (let from = range.from; from <= range.to; ) {
    const to = Math.min(from + span - 1, range.to);
    const startedMs = performance.now();
    await work({ from, to });
    const tookMs = performance.now() - startedMs;
    if (tookMs < targetMs / 2) span = Math.min(span * 2, mostKeysInSlice);
    else if (tookMs > targetMs) span = Math.max(1, Math.floor(span / 2));
    from = to + 1;
    progress((from - range.from) / (range.to - range.from + 1));
    await new Promise(setImmediate);
  }
}

/** From the smallest to the largest first key in facts or rollup; undefined when both are empty. */
async function keyRange(database: Database, rollup: Rollup): Promise<Slice | undefined> {
  const column = raw(sliceColumn(rollup));
  const ends = await database.read((snapshot) =>
    Promise.all(
      [rollup.factTable, rollup.table].map((table) =>
        snapshot.one<{ first: number | null; last: number | null }>(
          // Two subqueries: SQLite looks up one end of an index at a time, and would scan for both together.
          sql`select (select min(${column}) from ${raw(table)}) as first, (select max(${column}) from ${raw(table)}) as last`,
        ),
      ),
    ),
  );
  const firsts = ends.map((end) => end?.first ?? Number.POSITIVE_INFINITY);
  const lasts = ends.map((end) => end?.last ?? Number.NEGATIVE_INFINITY);
  const range = { from: Math.min(...firsts), to: Math.max(...lasts) };
  return range.from <= range.to ? range : undefined;
}
