import type { Command } from 'commander';
import { readConfig } from '../config';
import { printSummary, withService } from './command';

export function addMigrate(program: Command): void {
  program
    .command('migrate')
    .description('bring the tables of the database up to date (serve does it by itself)')
    .option('--json', 'print a summary for programs')
    .action(async (options: { json?: boolean }) => {
      // Opening applies what is missing.
      await withService(async () => undefined);
      const { file } = readConfig().database;
      printSummary(options.json, { database: file, upToDate: true }, `The tables of ${file} are up to date.`);
    });
}
