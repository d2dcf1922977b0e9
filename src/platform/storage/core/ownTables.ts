import sql from 'sql-template-tag';
import type { MigrationInterface } from 'typeorm';
import { OperatorError } from '../../errors';
import type { Check } from './reliance';
import { readSettings } from './settings';
import type { Snapshot } from './transaction';

/**
 * The setting that holds the name of the newest migration which earlier versions cannot work beside. Such a migration
 * writes it, and adds one to the version in `reliance`, so that services of earlier versions stop by themselves; beside
 * any other migration they go on until they are replaced.
 */
const neededMigrationSetting = 'needed_migration';

/** A class of TypeORM's. */
export type Migration = new () => MigrationInterface & { readonly name: string };

/** The names of the migrations of this version. More may have been applied, by a later version that is taking over. */
export function namesOf(migrations: readonly Migration[]): string[] {
  return migrations.map((Migration) => new Migration().name);
}

/**
 * @param own the names of this version's migrations
 * @throws OperatorError by the check, when the tables are not those that this version works with
 */
export function requireTablesOf(own: readonly string[]): Check {
  return (snapshot) => check(snapshot, own);
}

async function check(snapshot: Snapshot, own: readonly string[]): Promise<void> {
  const rows = await snapshot.all<{ name: string }>(sql`select name from migration`);
  const applied = new Set(rows.map(({ name }) => name));
  const missing = own.find((name) => !applied.has(name));
  if (missing !== undefined) {
    throw new OperatorError(
      `The database lacks tables of this version (its migration ${missing}). Start the service anew: it brings them up to date.`,
    );
  }
  const needed = (await readSettings(snapshot)).get(neededMigrationSetting);
  if (needed !== undefined && !own.includes(needed)) {
    throw new OperatorError(
      `The tables of this database are those of a later version (its migration ${needed}), which this version cannot work ` +
        'with. Start that version.',
    );
  }
}
