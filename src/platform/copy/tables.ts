import sql, { type Sql } from 'sql-template-tag';
import { auditColumns, personalColumns } from '../audit/auditChain';
import type { Rollup } from '../rollup/rollup';
import { verifySetting } from '../rollup/verifyNote';
import { rollups } from '../service';
import { keyRegistries } from '../storage/citus/placements';
import type { Columns, ColumnType } from '../storage/core/dialect';
import { databaseIdSetting } from '../storage/sqlite/sqliteSource';
import { copySetting } from './copyNote';

/** How a table goes over. */
export interface CopiedTable {
  readonly table: string;
  /** Every column that it has, in the source and in the target. */
  readonly columns: Columns;
  /** The primary key, in its order. */
  readonly key: readonly string[];
  /**
   * What becomes of a row that the target has and the source has not: where rows are never deleted, somebody else has
   * written the target, and the copy ends.
   */
  readonly extra: 'remove' | 'keep' | 'refuse';
  /** Set where no row is ever changed: one that differs was changed by somebody else, and the copy ends. */
  readonly onlyAddedTo?: boolean;
  /** Columns with a unique key of their own: texts. */
  readonly unique?: readonly string[];
  /** Which rows go over, where not all of them do. */
  readonly which?: Sql;
  /** Filled when a database is first opened: its rows do not make it one that is in use. */
  readonly madeAtStart?: boolean;
  /** Set for large tables, which are compared by checksums and written in parts. */
  readonly slices?: Slices;
}

export interface Slices {
  /** The first column of the key: an integer, along which the table is compared. */
  readonly column: string;
  /** A column of times: of what differs, only the weeks that do are compared row by row. */
  readonly time?: string;
}

/**
 * Every table that goes over, in the order in which they do: one behind those that it refers to. A small table goes over in
 * one transaction.
 */
export const copiedTables: readonly CopiedTable[] = [
  {
    table: 'setting',
    columns: { name: 'text', value: 'text' },
    key: ['name'],
    extra: 'keep',
    // Verifying the one says nothing of the other.
    which: sql`name not in (${databaseIdSetting}, ${copySetting}, ${verifySetting})`,
    madeAtStart: true,
  },
  {
    table: 'calendar_month',
    columns: { month: 'integer', from_ms: 'integer' },
    key: ['month'],
    extra: 'remove',
    madeAtStart: true,
  },
  {
    table: 'unit',
    columns: { id: 'integer', external_id: 'text', external_id_key: 'text', name: 'text' },
    key: ['id'],
    extra: 'refuse',
    unique: ['external_id', 'external_id_key'],
  },
  {
    table: 'caregiver',
    columns: {
      id: 'integer',
      external_id: 'text',
      external_id_key: 'text',
      name: 'text',
      name_folded: 'text',
      unit_id: 'integer',
    },
    key: ['id'],
    extra: 'refuse',
    unique: ['external_id', 'external_id_key'],
  },
  {
    table: 'event_type',
    columns: {
      id: 'integer',
      external_id: 'text',
      external_id_key: 'text',
      name: 'text',
      name_key: 'text',
      amount: 'integer',
      currency: 'text',
      archived: 'flag',
      used: 'flag',
    },
    key: ['id'],
    // One that no event refers to can be deleted.
    extra: 'remove',
    unique: ['external_id', 'external_id_key', 'name', 'name_key'],
  },
  {
    table: 'payout',
    columns: { id: 'integer', created_at_ms: 'integer', created_by: 'text' },
    key: ['id'],
    extra: 'refuse',
  },
  {
    table: 'revoked_token',
    columns: {
      token_id: 'text',
      revoked_by: 'text',
      revoked_at_ms: 'integer',
      expires_at_ms: 'integer',
    },
    key: ['token_id'],
    // Those whose time has come are removed.
    extra: 'remove',
  },
  {
    table: 'event',
    columns: {
      caregiver_id: 'integer',
      occurred_at_ms: 'integer',
      id: 'uuid',
      event_type_id: 'integer',
      amount: 'integer',
      currency: 'text',
      payout_id: 'integer',
      deleted_at_ms: 'integer',
      registered_at_ms: 'integer',
      late_reason: 'text',
      deleted_by: 'text',
      delete_reason: 'text',
    },
    key: ['caregiver_id', 'occurred_at_ms', 'id'],
    extra: 'refuse',
    slices: { column: 'caregiver_id', time: 'occurred_at_ms' },
  },
  {
    // With its hashes as they are: the chain is as whole in the copy as it is in the source.
    table: 'audit_log',
    columns: auditColumns,
    key: ['sequence'],
    extra: 'refuse',
    onlyAddedTo: true,
    slices: { column: 'sequence' },
  },
  {
    table: 'audit_personal',
    columns: personalColumns,
    key: ['sequence'],
    // What is about somebody can be erased.
    extra: 'remove',
    slices: { column: 'sequence' },
  },
  ...rollups.map(rollupTable),
];

/** Tables that stay behind, and why. */
export const tablesNotCopied: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    Object.values(keyRegistries).map(({ registry }) => [
      registry,
      'filled by what goes into the table beside it',
    ]),
  ),
  reliance: 'counts changes of this database alone',
  migration: 'says which tables a database has: the target has its own',
};

/** The columns of a table's key, with their types. */
export function keyColumns({ key, columns }: CopiedTable): Columns {
  return Object.fromEntries(key.map((name) => [name, columns[name] as ColumnType]));
}

/** A rollup's rows go over like any others: computing them anew would hide that they differ from their facts. */
function rollupTable(rollup: Rollup): CopiedTable {
  const key = Object.keys(rollup.key);
  const measures = rollup.measures.map((measure) => [measure, 'integer'] as const);
  return {
    table: rollup.table,
    columns: { ...rollup.key, ...Object.fromEntries(measures) },
    key,
    // Rows that come to nothing are removed.
    extra: 'remove',
    slices: { column: key[0] as string },
  };
}
