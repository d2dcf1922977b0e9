#!/usr/bin/env node
import './platform/production';
import { Command } from 'commander';
import { addPseudonymise } from './directory/cli/pseudonymise';
import { addToken } from './directory/cli/token';
import { addBackup } from './platform/cli/backup';
import { addCopy } from './platform/cli/copy';
import { addMigrate } from './platform/cli/migrate';
import { addRebuild } from './platform/cli/rebuild';
import { addServe } from './platform/cli/serve';
import { addVerify } from './platform/cli/verify';
import { runToEnd } from './platform/server/runToEnd';
import { version } from './platform/server/version';
import { addExport } from './reimbursements/cli/export';
import { addImportEvents } from './reimbursements/cli/importEvents';
import { addImportSynthea } from './reimbursements/cli/importSynthea';
import { addSeed } from './reimbursements/cli/seed';

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
