import sql from 'sql-template-tag';
import { OperatorError } from '../../errors';
import { migrations } from '../migrations';
import { readSettings } from './settings';
import type { Snapshot } from './transaction';

/**
 * The setting that holds the name of the newest migration which earlier versions cannot work beside. Such a migration
 * writes it, and adds one to the version in `reliance`, so that services of earlier versions stop by themselves; beside
 * any other migration they go on until they are replaced.
 */
const neededMigrationSetting = 'needed_migration';

/** The names of the migrations of this version. More may have been applied, by a later version that is taking over. */
export function ownMigrations(): string[] {
  return migrations.map((Migration) => new Migration().name);
}

/** @throws OperatorError when the tables are not those that this version works with */
export async function requireOwnTables(snapshot: Snapshot): Promise<void> {
  const rows = await snapshot.all<{ name: string }>(sql`select name from migration`);
  const applied = new Set(rows.map(({ name }) => name));
  const own = ownMigrations();
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
