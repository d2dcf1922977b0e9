import type { Command } from 'commander';
import { readConfig } from '../config';
import type { OpenOptions } from '../service';
import type { Distribution } from '../storage/citus/distributeTables';
import type { Subsystem } from '../subsystem';
import { count } from '../values/count';
import { printSummary, withService } from './command';

export function addMigrate(program: Command, subsystems: readonly Subsystem[]): void {
  program
    .command('migrate')
    .description('bring the tables of the database up to date (serve does it by itself)')
    .option('--citus', 'also put the tables on the Citus cluster that the database is the coordinator of')
    .option('--json', 'print a summary for programs')
    .action(async (options: { citus?: boolean; json?: boolean }) => {
      let distribution: Distribution | undefined;
      const citus: OpenOptions['citus'] = {
        onTable: (table) => process.stderr.write(`Moving ${table} to the cluster.\n`),
        onDistributed: (done) => {
          distribution = done;
        },
      };
      // Opening applies what is missing.
      await withService(subsystems, async () => undefined, options.citus ? { citus } : {});
      const { name } = readConfig().database;
      printSummary(
        options.json,
        { database: name, upToDate: true, ...(distribution && { citus: distribution }) },
        [`The tables of ${name} are up to date.`, ...(distribution ? [inWords(distribution)] : [])].join(' '),
      );
    });
}

function inWords({ tables, nodes }: Distribution): string {
  const where =
    nodes === 1
      ? 'one node (add workers with citus_add_node, then citus_rebalance_start moves parts of them there)'
      : `${count(nodes, 'node')} of the cluster`;
  return tables.length === 0
    ? `They were distributed already, over ${where}.`
    : `${count(tables.length, 'table')} of them are now distributed over ${where}.`;
}
