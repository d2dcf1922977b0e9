#!/usr/bin/env node
import './platform/production';
import { Command } from 'commander';
import { runToEnd } from './platform/server/runToEnd';
import { version } from './platform/server/version';
import { subsystems } from './subsystems';

/** The caretally command; each subcommand is a file in the folder cli/ of its subsystem. */
const program = new Command('caretally')
  .description('Reimbursements in health care: register events, read monthly totals that are never stale.')
  .version(version)
  .showHelpAfterError();

for (const subsystem of subsystems) subsystem.addCommands?.(program, subsystems);

runToEnd(() => program.parseAsync());
