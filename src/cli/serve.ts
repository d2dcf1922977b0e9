import type { Command } from 'commander';
import { readConfig } from '../config';
import { serve } from '../server/serve';

export function addServe(program: Command): void {
  program
    .command('serve')
    .description('start the service')
    .action(() => serve(readConfig()));
}
