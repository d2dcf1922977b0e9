import sql from 'sql-template-tag';
import { copySetting } from './copy/copyNote';
import { verifySetting } from './rollup/verifyNote';
import type { Table } from './storage/core/table';
import { databaseIdSetting } from './storage/sqlite/sqliteSource';

export const settingTable: Table = {
  table: 'setting',
  columns: { name: 'text', value: 'text' },
  key: ['name'],
  extra: 'keep',
  // Verifying the one says nothing of the other.
  which: sql`name not in (${databaseIdSetting}, ${copySetting}, ${verifySetting})`,
  madeAtStart: true,
};

export const calendarTable: Table = {
  table: 'calendar_month',
  columns: { month: 'integer', from_ms: 'integer' },
  key: ['month'],
  unique: ['from_ms'],
  extra: 'remove',
  madeAtStart: true,
};

export const revokedTokenTable: Table = {
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
};
