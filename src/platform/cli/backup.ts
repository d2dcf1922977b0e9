import { existsSync, rmSync } from 'node:fs';
import type { Command } from 'commander';
import { recordBeside } from '../audit/recordBeside';
import { readConfig } from '../config';
import { OperatorError } from '../errors';
import { requireOutput } from '../storage/core/outputFile';
import { backupSqlite } from '../storage/sqlite/backup';
import { findFile, isSameFile, logsOf, requireOneName } from '../storage/sqlite/databaseFiles';
import { lockAgainstServices } from '../storage/sqlite/serviceLock';
import { userVersionAt } from '../storage/sqlite/sqliteFiles';
import { printSummary } from './command';
import { startProgress } from './progress';
import { writeWholeFile } from './wholeFile';

interface Options {
  force?: boolean;
  json?: boolean;
}

export function addBackup(program: Command): void {
  program
    .command('backup')
    .description('copy the database to a file as it is at this moment, while the service runs')
    .argument('<file>', 'the copy; it appears when it is complete')
    .option('--force', 'replace the file if it is there already')
    .option('--json', 'print a summary for programs')
    .action(async (path: string, { force = false, json }: Options) => {
      const source = sourceFile();
      requireSource(source);
      requireTarget(path, source, force);
      // From here on no service can begin to serve what is about to be replaced.
      if (existsSync(path)) await lockAgainstServices(path, 'replacing it');
      const bytes = await backup(source, path);
      printSummary(
        json,
        { database: source, file: path, bytes },
        `Copied ${source} to ${path} (${(bytes / 1e6).toLocaleString('en', { maximumFractionDigits: 1 })} MB). ` +
          `It is a database of its own: DATABASE_URL=sqlite:${path}`,
      );
    });
}

/** Nothing is opened as the service would: a backup before an upgrade must not migrate what it copies. */
async function backup(source: string, path: string): Promise<number> {
  const progress = startProgress('Copying the database, and checking the copy');
  const bytes = await writeWholeFile(path, async (partial) => {
    // The copy holds the entry that tells of it.
    await recordBeside(source, 'backup', path);
    const copied = await backupSqlite(source, partial.path, (pages, ofPages) =>
      progress.report({ part: pages / ofPages }),
    );
    // The mark of the service that serves the source stays there: laid over its file, the copy is known for another.
    await partial.handle.write(Buffer.alloc(4), 0, 4, userVersionAt);
    // The log of a database that lay here before does not belong to the copy, and would be read into it.
    for (const log of logsOf(path)) rmSync(log, { force: true });
    return copied;
  });
  progress.end();
  return bytes;
}

function sourceFile(): string {
  const { database } = readConfig();
  if (database.engine === 'sqlite') return database.file;
  throw new OperatorError(
    `A PostgreSQL database is backed up with its own tool, also while the service runs: pg_dump --format=custom --file=FILE ${database.name}`,
  );
}

function requireSource(source: string): void {
  if (!existsSync(source)) {
    throw new OperatorError(`There is no database ${source} to copy. Check DATABASE_URL.`);
  }
  requireOneName(source);
}

function requireTarget(path: string, source: string, force: boolean): void {
  if (isSameFile(findFile(path), findFile(source))) {
    throw new OperatorError(`${path} is the database itself; choose another name for the copy.`);
  }
  requireOutput(path, { mayReplaceDatabase: true });
  if (force) return;
  const inTheWay = [path, ...logsOf(path)].find((file) => existsSync(file));
  if (inTheWay !== undefined) {
    throw new OperatorError(`${inTheWay} is there already. Choose another name, or replace it with --force.`);
  }
}
