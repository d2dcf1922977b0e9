import type { Command } from 'commander';
import { readConfig } from '../config';
import type { Subsystem } from '../subsystem';

export function addServe(program: Command, subsystems: readonly Subsystem[]): void {
  program
    .command('serve')
    .description('start the service')
    .action(() => {
      // Loaded when it is needed: Apollo and type-graphql take longer to load than most commands take to run.
      const { serve }: typeof import('../server/serve') = require('../server/serve');
      return serve(subsystems, readConfig());
    });
}
