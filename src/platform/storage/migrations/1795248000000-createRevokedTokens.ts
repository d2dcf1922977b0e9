import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Tokens that are not accepted any more, though their time has not come. No index but the key: the table is read as a whole,
 * and holds what was revoked in the lifetime of a token.
 */
export class CreateRevokedTokens1795248000000 implements MigrationInterface {
  readonly name = 'CreateRevokedTokens1795248000000';

  async up(runner: QueryRunner): Promise<void> {
    const isPostgres = runner.dataSource.options.type === 'postgres';
    await runner.query(isPostgres ? postgresTable : sqliteTable);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table revoked_token');
  }
}

const sqliteTable = `
  create table revoked_token (
    token_id text primary key,
    revoked_by text not null,
    revoked_at_ms integer not null,
    expires_at_ms integer
  ) strict, without rowid`;

const postgresTable = `
  create table revoked_token (
    token_id text collate "C" primary key,
    revoked_by text not null,
    revoked_at_ms bigint not null,
    expires_at_ms bigint
  )`;
