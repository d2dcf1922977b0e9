import type { MigrationInterface, QueryRunner } from 'typeorm';
import { postgresTables } from './createTables.postgres';
import { sqliteTables } from './createTables.sqlite';

/**
 * The first tables. Instants are milliseconds since 1970 in UTC, months are yyyymm, amounts are minor units. Facts and
 * rollups begin their key with the caregiver, so that the tables can be distributed by caregiver on a cluster.
 */
export class CreateTables1767225600000 implements MigrationInterface {
  readonly name = 'CreateTables1767225600000';

  async up(runner: QueryRunner): Promise<void> {
    const isPostgres = runner.dataSource.options.type === 'postgres';
    for (const statement of isPostgres ? postgresTables : sqliteTables) await runner.query(statement);
  }

  async down(): Promise<void> {
    throw new Error(
      'The first migration cannot be undone: that would delete all data. Restore a backup instead.',
    );
  }
}
