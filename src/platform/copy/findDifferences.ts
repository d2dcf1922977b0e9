import type { Table } from '../storage/core/table';
import type { Snapshot } from '../storage/core/transaction';
import { compareRows, type Row, type RowDifferences } from './compareRows';
import { findStretches, type SlicedTable } from './findStretches';
import type { StartStep } from './steps';

/** A row that is not the same in source and target. Its values are not told: they may be about people. */
export interface Difference {
  table: string;
  key: Row;
  what: 'only in the source' | 'only in the target' | 'changed';
  /** The columns that differ, where both have the row. */
  columns: string[];
}

/** More are counted and not listed. */
export const maxListed = 100;

export interface Differences {
  count: number;
  listed: Difference[];
}

/** Compares every row of a table in both databases; large ones by checksums, and row by row only where those differ. */
export async function findDifferences(
  source: Snapshot,
  target: Snapshot,
  table: Table,
  startStep: StartStep,
): Promise<Differences> {
  const found: Differences = { count: 0, listed: [] };
  const step = startStep(`Verifying ${table.table}`);
  const stretches = table.slices
    ? (await findStretches(source, target, table as SlicedTable, (part) => step.report({ part }))).stretches
    : [undefined];
  for (const stretch of stretches) {
    for await (const page of compareRows(source, target, table, stretch)) {
      const differences = listDifferences(table, page);
      found.count += differences.length;
      found.listed.push(...differences.slice(0, maxListed - found.listed.length));
    }
  }
  step.end();
  return found;
}

function listDifferences(table: Table, { missing, changed, extra }: RowDifferences): Difference[] {
  const keyOf = (row: Row) => Object.fromEntries(table.key.map((name) => [name, row[name]]));
  const of = (row: Row, what: Difference['what'], columns: string[] = []): Difference => ({
    table: table.table,
    key: keyOf(row),
    what,
    columns,
  });
  return [
    ...missing.map((row) => of(row, 'only in the source')),
    ...changed.map(({ row, found }) =>
      of(
        row,
        'changed',
        Object.keys(table.columns).filter((name) => row[name] !== found[name]),
      ),
    ),
    ...(table.extra === 'keep' ? [] : extra.map((row) => of(row, 'only in the target'))),
  ];
}
