import sql, { raw } from 'sql-template-tag';
import type { Snapshot } from '../storage/core/transaction';
import { type Rollup, sliceColumn } from './rollup';
import type { Slice } from './slices';

type Row = Record<string, number | string>;

/** A row of a rollup that differs from its facts. */
export interface Drift {
  table: string;
  /** Key columns by name. */
  key: Row;
  /** Measures that the facts say; undefined where the row should not exist. */
  expected: Record<string, number> | undefined;
  /** Measures that the rollup holds; undefined where the row is missing. */
  actual: Record<string, number> | undefined;
}

/** Compares a slice of a rollup with its facts, inside one snapshot or transaction; answers every difference. */
export async function compareSlice(snapshot: Snapshot, rollup: Rollup, slice: Slice): Promise<Drift[]> {
  const expected = await snapshot.all<Row>(rollup.facts(slice.from, slice.to));
  const actual = await snapshot.all<Row>(
    sql`select * from ${raw(rollup.table)}
        where ${raw(sliceColumn(rollup))} between ${slice.from} and ${slice.to}`,
  );
  const keyNames = Object.keys(rollup.key);
  const keyOf = (row: Row) => JSON.stringify(keyNames.map((name) => row[name]));
  // Facts that come to nothing have no row.
  const counting = expected.filter((row) => rollup.measures.some((measure) => row[measure] !== 0));
  const expectedByKey = new Map(counting.map((row) => [keyOf(row), row]));
  const drifts: Drift[] = [];
  for (const row of actual) {
    const facts = expectedByKey.get(keyOf(row));
    expectedByKey.delete(keyOf(row));
    if (!facts || rollup.measures.some((measure) => row[measure] !== facts[measure])) drift(row, facts, row);
  }
  for (const facts of expectedByKey.values()) drift(facts, facts, undefined);
  return drifts;

  function drift(key: Row, facts: Row | undefined, found: Row | undefined): void {
    drifts.push({
      table: rollup.table,
      key: pick(key, keyNames),
      expected: facts && (pick(facts, rollup.measures) as Record<string, number>),
      actual: found && (pick(found, rollup.measures) as Record<string, number>),
    });
  }
}

function pick(row: Row, names: readonly string[]): Row {
  return Object.fromEntries(names.map((name) => [name, row[name] as number | string]));
}
