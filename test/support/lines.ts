import sql from 'sql-template-tag';
import type { Transaction } from '../../src/platform/storage/core/transaction';
import type { Command } from '../../src/platform/storage/core/writeQueue';
import type { TestService } from './testService';

/** So many new rows go in by COPY on PostgreSQL, and so few by an insert. */
export const many = 3_000;
export const few = 20;

/** A row of the table `line`. */
export type Line = [place: number, text: string | null];

const table = { table: 'line', columns: { place: 'integer', text: 'text' }, key: 'place' } as const;
export const createLines =
  testEngine === 'sqlite'
    ? sql`create table line (place integer primary key, text text check (text <> 'refused')) strict`
    : sql`create table line (place bigint primary key, text text check (text <> 'refused'))`;

type After = (tx: Transaction) => Promise<void>;

const insertCommand: Command<{ lines: Line[]; after: After | undefined }, number[]> = {
  name: 'insertLines',
  async handle(tx, inputs) {
    const outcomes = [];
    for (const { lines, after } of inputs) {
      outcomes.push({ value: await tx.insertNewRows(table, lines) });
      await after?.(tx);
    }
    return outcomes;
  },
};

/** Inserts lines, and does something more in the same transaction; answers the places of those that were left out. */
export async function insertLines(api: TestService, lines: Line[], after?: After): Promise<number[]> {
  const [outcome] = await api.service.database.write(insertCommand, [{ lines, after }]);
  if (!outcome || 'error' in outcome) throw outcome?.error;
  return outcome.value;
}

export function linesFrom(place: number, count: number): Line[] {
  return Array.from({ length: count }, (_, index) => [place + index, `line ${place + index}`]);
}

/** A row of the table `value`: one of each type, each of which may be missing. */
export type Value = [
  number: number | null,
  flag: number | null,
  id: string | null,
  text: string | null,
  key: string,
];

export const createValues =
  testEngine === 'sqlite'
    ? sql`create table value (number integer, flag integer, id blob, text text, key blob primary key) strict`
    : sql`create table value (number bigint, flag smallint, id uuid, text text, key uuid primary key)`;

const valueTable = {
  table: 'value',
  columns: { number: 'integer', flag: 'flag', id: 'uuid', text: 'text', key: 'uuid' },
  key: 'key',
} as const;

export const insertValuesCommand: Command<Value[], number[]> = {
  name: 'insertValues',
  async handle(tx, inputs) {
    const outcomes = [];
    for (const values of inputs) outcomes.push({ value: await tx.insertNewRows(valueTable, values) });
    return outcomes;
  },
};
