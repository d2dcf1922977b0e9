import sql, { raw } from 'sql-template-tag';
import { AppError } from '../errors';
import { type Columns, selectRows } from '../storage/core/dialect';
import { constraintFailureOf } from '../storage/core/failures';
import type { Transaction } from '../storage/core/transaction';
import type { Difference, Rollup } from './rollup';

/**
 * Adds differences to a rollup: folded by key, in the order of the keys (so that transactions that overlap on a
 * server lock rows in the same order), in one statement in which the database does the addition. The keys are announced.
 * @throws AppError AMOUNT_TOO_LARGE when a sum would pass 2^53−1; the transaction must then be rolled back
 */
export async function addDifferences<Key extends string, Measure extends string>(
  tx: Transaction,
  rollup: Rollup<Key, Measure>,
  differences: Iterable<Difference<Key, Measure>>,
): Promise<void> {
  const rows = fold(rollup, differences);
  if (rows.length === 0) return;
  try {
    await tx.run(
      sql`${raw(upsertText(rollup))} ${selectRows(columnsOf(rollup), rows)} ${raw(onConflictText(rollup))}`,
    );
  } catch (error) {
    if (constraintFailureOf(error)?.name === 'amount_fits') throw amountTooLarge(rollup);
    throw error;
  }
  const keyColumns = Object.keys(rollup.key).length;
  tx.announce(
    rollup.table,
    rows.map((row) => row.slice(0, keyColumns)),
  );
  if (rows.some((row) => row.some((value) => typeof value === 'number' && value < 0))) {
    await removeZeroRows(tx, rollup, rows);
  }
}

function upsertText(rollup: Rollup): string {
  return `insert into ${rollup.table} (${Object.keys(columnsOf(rollup)).join(', ')})`;
}

function onConflictText(rollup: Rollup): string {
  const additions = rollup.measures.map(
    (measure) => `${measure} = ${rollup.table}.${measure} + excluded.${measure}`,
  );
  return `on conflict (${Object.keys(rollup.key).join(', ')}) do update set ${additions.join(', ')}`;
}

/** Only a subtraction can leave a row without content; it is found by the keys just written. */
async function removeZeroRows(
  tx: Transaction,
  rollup: Rollup,
  rows: readonly (readonly unknown[])[],
): Promise<void> {
  const keyNames = Object.keys(rollup.key);
  const zero = rollup.measures.map((measure) => `${measure} = 0`).join(' and ');
  const keys = selectRows(
    rollup.key as Columns,
    rows.map((row) => row.slice(0, keyNames.length)),
  );
  await tx.run(
    sql`delete from ${raw(rollup.table)} where ${raw(zero)} and (${raw(keyNames.join(', '))}) in (${keys})`,
  );
}

function columnsOf(rollup: Rollup): Columns {
  const measures = rollup.measures.map((measure) => [measure, 'integer'] as const);
  return { ...rollup.key, ...Object.fromEntries(measures) };
}

type Value = number | string;

/** The values of a key, then those of the measures. */
type Row = Value[];

/** Rows by the first value of their key, then by the second, and so on: found sooner than by a text made of all values. */
interface Branch extends Map<Value, Branch | Row> {}

/** Sums by key, sorted by key, without those that sum up to nothing. */
function fold<Key extends string, Measure extends string>(
  rollup: Rollup<Key, Measure>,
  differences: Iterable<Difference<Key, Measure>>,
): Row[] {
  const keyNames = Object.keys(rollup.key) as Key[];
  const { measures } = rollup;
  const width = keyNames.length;
  const rows: Row[] = [];
  const root: Branch = new Map();
  for (const difference of differences) {
    const branch = lastBranch(root, keyNames, difference);
    const lastValue = difference[keyNames[width - 1] as Key];
    let row = branch.get(lastValue) as Row | undefined;
    if (!row) {
      row = [];
      for (const name of keyNames) row.push(difference[name]);
      for (let measure = 0; measure < measures.length; measure += 1) row.push(0);
      branch.set(lastValue, row);
      rows.push(row);
    }
    for (let index = 0; index < measures.length; index += 1) {
      const sum = (row[width + index] as number) + difference[measures[index] as Measure];
      if (!Number.isSafeInteger(sum)) throw amountTooLarge(rollup);
      row[width + index] = sum;
    }
  }
  return rows
    .filter((row) => row.some((value, place) => place >= width && value !== 0))
    .sort((left, right) => compareKeys(left, right, width));
}

/** The branch that the last value of the key leads on from; it grows where it is not there yet. */
function lastBranch<Key extends string>(
  root: Branch,
  keyNames: readonly Key[],
  difference: Record<Key, Value>,
): Branch {
  let branch = root;
  for (let index = 0; index < keyNames.length - 1; index += 1) {
    const value = difference[keyNames[index] as Key];
    let next = branch.get(value) as Branch | undefined;
    if (!next) {
      next = new Map();
      branch.set(value, next);
    }
    branch = next;
  }
  return branch;
}

function compareKeys(left: Row, right: Row, width: number): number {
  for (let index = 0; index < width; index += 1) {
    const value = left[index] as Value;
    const other = right[index] as Value;
    if (value < other) return -1;
    if (value > other) return 1;
  }
  return 0;
}

function amountTooLarge({ tooLarge }: Pick<Rollup, 'tooLarge'>): AppError {
  return new AppError('AMOUNT_TOO_LARGE', tooLarge.message, tooLarge.field);
}
