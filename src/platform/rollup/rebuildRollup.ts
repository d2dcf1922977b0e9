import sql, { raw } from 'sql-template-tag';
import { type Database, writeOne } from '../storage/core/database';
import { selectRows } from '../storage/core/dialect';
import type { Transaction } from '../storage/core/transaction';
import type { Command } from '../storage/core/writeQueue';
import { compareSlice, type Drift } from './compareSlice';
import type { Rollup } from './rollup';
import { forEachSlice, type Slice } from './slices';

/**
 * Makes a rollup equal to its facts while writes go on: each slice is compared and corrected in one transaction, in
 * the same queue as every other write. Rows that agree are left alone.
 * @param onCorrected told of the rows of each slice that are being corrected, inside its transaction
 * @returns how many rows were corrected
 */
export async function rebuildRollup(
  database: Database,
  rollup: Rollup,
  progress?: (part: number) => void,
  onCorrected?: OnCorrected,
): Promise<number> {
  let corrected = 0;
  const command = rebuildSliceOf(rollup, onCorrected);
  await forEachSlice(
    database,
    rollup,
    async (slice) => {
      corrected += await writeOne(database, command, slice);
    },
    progress,
  );
  return corrected;
}

export type OnCorrected = (tx: Transaction, slice: Slice, rows: number) => void;

function rebuildSliceOf(rollup: Rollup, onCorrected: OnCorrected | undefined): Command<Slice, number> {
  return {
    name: `rebuild ${rollup.table}`,
    speed: 'slow',
    async handle(tx, slices) {
      const outcomes = [];
      for (const slice of slices) {
        // Whoever has changed facts, and not yet this rollup, waits; whoever has changed both is waited for.
        await tx.lockTable(rollup.table);
        const drifts = await compareSlice(tx, rollup, slice);
        await correct(tx, rollup, drifts);
        if (drifts.length > 0) onCorrected?.(tx, slice, drifts.length);
        outcomes.push({ value: drifts.length });
      }
      return outcomes;
    },
  };
}

async function correct(tx: Transaction, rollup: Rollup, drifts: readonly Drift[]): Promise<void> {
  if (drifts.length === 0) return;
  const keyNames = Object.keys(rollup.key);
  const keys = drifts.map((drift) => keyNames.map((name) => drift.key[name] as number | string));
  tx.announce(rollup.table, keys);
  await tx.run(
    sql`delete from ${raw(rollup.table)}
        where (${raw(keyNames.join(', '))}) in (${selectRows(rollup.key, keys)})`,
  );
  const measures = Object.fromEntries(rollup.measures.map((measure) => [measure, 'integer'] as const));
  const columns = { ...rollup.key, ...measures };
  const rows = drifts.flatMap(({ key, expected }) =>
    expected
      ? [[...keyNames.map((name) => key[name]), ...rollup.measures.map((name) => expected[name])]]
      : [],
  );
  await tx.run(
    sql`insert into ${raw(rollup.table)} (${raw(Object.keys(columns).join(', '))}) ${selectRows(columns, rows)}`,
  );
}
