import type { Table } from '../storage/core/table';
import type { Rollup } from './rollup';

/** A rollup's rows go over like any others: computing them anew would hide that they differ from their facts. */
export function rollupTable(rollup: Rollup): Table {
  const key = Object.keys(rollup.key);
  const measures = rollup.measures.map((measure) => [measure, 'integer'] as const);
  return {
    table: rollup.table,
    columns: { ...rollup.key, ...Object.fromEntries(measures) },
    key,
    // Rows that come to nothing are removed.
    extra: 'remove',
    slices: { column: key[0] as string },
    ...(rollup.references && { references: rollup.references }),
  };
}
