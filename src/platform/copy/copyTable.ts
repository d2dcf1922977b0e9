import { OperatorError } from '../errors';
import type { Table } from '../storage/core/table';
import type { Snapshot, Transaction } from '../storage/core/transaction';
import { compareRows, type Row } from './compareRows';
import { findStretches, type SlicedTable } from './findStretches';
import type { StartStep, Step } from './steps';
import { describeKey, freeUniqueValues, type RowChanges, writeRows } from './writeRows';

/** What came of copying a table. */
export interface CopiedRows {
  /** Rows in the source. */
  rows: number;
  /** Rows that were added, changed or removed in the target. */
  written: number;
}

/** Runs work in a transaction of the target, which nobody else copies to meanwhile. */
export type WriteTarget = <Value>(work: (tx: Transaction) => Promise<Value>) => Promise<Value>;

/** Rows that go over in one transaction. */
const batchRows = 10_000;

/**
 * Makes a table of the target equal to that of the source. Only what differs is written, so that it does not matter how
 * often it is done, nor where it was cut off the time before.
 * @throws OperatorError when the target has rows that the source has not, of a table in which none is ever deleted
 */
export async function copyTable(
  source: Snapshot,
  target: Snapshot,
  write: WriteTarget,
  table: Table,
  startStep: StartStep,
): Promise<CopiedRows> {
  if (isSliced(table)) return copyInBatches(source, target, write, table, startStep);
  const step = startStep(`Copying ${table.table}`);
  const copied = await write((tx) => copyAtOnce(source, tx, table, step));
  step.end();
  return copied;
}

/**
 * A small table in one transaction. Unique values may move from row to row, so they are freed wherever a row changes, before
 * any row gets its new ones.
 */
async function copyAtOnce(source: Snapshot, tx: Transaction, table: Table, step: Step): Promise<CopiedRows> {
  const copied: CopiedRows = { rows: 0, written: 0 };
  for await (const { changed, extra } of compareRows(source, tx, table)) {
    const remove = removable(table, extra);
    await writeRows(tx, table, { remove, update: [], insert: [] });
    await freeUniqueValues(tx, table, rowsOf(changed));
    copied.written += remove.length;
  }
  for await (const { compared, changed, missing } of compareRows(source, tx, table)) {
    await writeRows(tx, table, { remove: [], update: rowsOf(changed), insert: missing });
    copied.rows += compared;
    copied.written += changed.length + missing.length;
    step.report({ done: copied.rows });
  }
  return copied;
}

/** A large table: where it differs, in transactions of some thousand rows, the next of which are read meanwhile. */
async function copyInBatches(
  source: Snapshot,
  target: Snapshot,
  write: WriteTarget,
  table: SlicedTable,
  startStep: StartStep,
): Promise<CopiedRows> {
  const comparing = startStep(`Comparing ${table.table}`);
  const { stretches, rows, rowsInStretches } = await findStretches(source, target, table, (part) =>
    comparing.report({ part }),
  );
  comparing.end();

  const copying = startStep(`Copying ${table.table}`);
  const copied: CopiedRows = { rows, written: 0 };
  let compared = 0;
  let writing: Promise<unknown> = Promise.resolve();
  let batch = emptyBatch();
  const flush = async () => {
    await writing;
    const full = batch;
    batch = emptyBatch();
    writing = sizeOf(full) === 0 ? writing : write((tx) => writeRows(tx, table, full));
    // Whoever waits for it hears of its failure, also when that is later.
    writing.catch(() => undefined);
    copied.written += sizeOf(full);
  };
  for (const stretch of stretches) {
    for await (const page of compareRows(source, target, table, stretch)) {
      batch.remove.push(...removable(table, page.extra));
      batch.update.push(...changeable(table, page.changed));
      batch.insert.push(...page.missing);
      if (sizeOf(batch) >= batchRows) await flush();
      compared += page.compared;
      copying.report({ done: compared, part: compared / Math.max(rowsInStretches, 1) });
    }
  }
  await flush();
  await writing;
  copying.end();
  return copied;
}

function isSliced(table: Table): table is SlicedTable {
  return table.slices !== undefined;
}

function emptyBatch() {
  return { remove: [], update: [], insert: [] } as { [Kind in keyof RowChanges]: Row[] };
}

function sizeOf({ remove, update, insert }: RowChanges): number {
  return remove.length + update.length + insert.length;
}

function rowsOf(changed: readonly { row: Row }[]): Row[] {
  return changed.map(({ row }) => row);
}

/** The rows to change, of those that differ. */
function changeable(table: Table, changed: readonly { row: Row }[]): Row[] {
  if (!table.onlyAddedTo || changed.length === 0) return rowsOf(changed);
  throw new OperatorError(
    `A row of ${table.table} is not the same in source and target: ${describeKey(table, changed[0]?.row as Row)}. No row of ` +
      'it is ever changed, so somebody has tampered with one of them. Find out where by npx caretally verify, on both.',
  );
}

/** The rows to remove, of those that the target alone has. */
function removable(table: Table, extra: readonly Row[]): readonly Row[] {
  if (table.extra === 'remove') return extra;
  if (table.extra === 'keep' || extra.length === 0) return [];
  throw new OperatorError(
    `The target has a row of ${table.table} that the source has not: ${describeKey(table, extra[0] as Row)}. Either somebody ` +
      'else has written the target, or the source was put back to an earlier state. Copy into an empty database.',
  );
}
