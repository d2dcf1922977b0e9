import sql, { raw } from 'sql-template-tag';
import type { Database } from '../storage/core/database';
import { type Rollup, sliceColumn } from './rollup';

/** A range of the first key column, both ends included. */
export interface Slice {
  from: number;
  to: number;
}

/** One slice should take about this long, so that readers and writers in between wait no longer. */
const usualTargetMs = 25;
/** And so many times as long as one without content: on a cluster, even that is asked of every node. */
const timesOfEmpty = 4;
const maxKeysInSlice = 4_096;

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
  const emptyMs = await timeOf(() => work({ from: range.from - 1, to: range.from - 1 }));
  await walkInSlices(range, Math.max(usualTargetMs, timesOfEmpty * emptyMs), work, progress);
}

/** Walks along a range of integers in slices that take about so long each. */
export async function walkInSlices(
  range: Slice,
  sliceMs: number,
  work: (slice: Slice) => Promise<void>,
  progress: (part: number) => void = () => undefined,
): Promise<void> {
  let span = 1;
  for (let from = range.from; from <= range.to; ) {
    const to = Math.min(from + span - 1, range.to);
    const tookMs = await timeOf(() => work({ from, to }));
    if (tookMs < sliceMs / 2) span = Math.min(span * 2, maxKeysInSlice);
    else if (tookMs > sliceMs) span = Math.max(1, Math.floor(span / 2));
    from = to + 1;
    progress((from - range.from) / (range.to - range.from + 1));
    await new Promise(setImmediate);
  }
}

async function timeOf(work: () => Promise<void>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return performance.now() - startedMs;
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
