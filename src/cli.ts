#!/usr/bin/env node
import './production';
import { Command } from 'commander';
import { addBackup } from './cli/backup';
import { addCopy } from './cli/copy';
import { addExport } from './cli/export';
import { addImportEvents } from './cli/importEvents';
import { addImportSynthea } from './cli/importSynthea';
import { addMigrate } from './cli/migrate';
import { addPseudonymise } from './cli/pseudonymise';
import { addRebuild } from './cli/rebuild';
import { addSeed } from './cli/seed';
import { addServe } from './cli/serve';
import { addToken } from './cli/token';
import { addVerify } from './cli/verify';
import { runToEnd } from './server/runToEnd';
import { version } from './server/version';

/** The caretally command; each subcommand is a file in cli/. */
const program = new Command('caretally')
  .description('Reimbursements in health care: register events, read monthly totals that are never stale.')
  .version(version)
  .showHelpAfterError();

addServe(program);
addToken(program);
const imports = program.command('import').description('bring in data from files');
addImportSynthea(imports);
addImportEvents(imports);
addExport(program);
addSeed(program);
addVerify(program);
addRebuild(program);
addPseudonymise(program);
addBackup(program);
addCopy(program);
addMigrate(program);

runToEnd(() => program.parseAsync());
