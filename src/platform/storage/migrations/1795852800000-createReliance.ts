import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * One row: the version of what services check when they open the database, and rely on from then on. A later migration that
 * services of earlier versions cannot work beside adds one to it, and writes its name into the settings (see ownTables.ts).
 */
export class CreateReliance1795852800000 implements MigrationInterface {
  readonly name = 'CreateReliance1795852800000';

  async up(runner: QueryRunner): Promise<void> {
    const isPostgres = runner.dataSource.options.type === 'postgres';
    const [integer, end] = isPostgres ? ['bigint', ''] : ['integer', ' strict'];
    await runner.query(
      `create table reliance (id ${integer} primary key check (id = 1), version ${integer} not null)${end}`,
    );
    await runner.query('insert into reliance (id, version) values (1, 1)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table reliance');
  }
}
