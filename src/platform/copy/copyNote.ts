import { AppError, OperatorError } from '../errors';
import type { Database } from '../storage/core/database';
import { oneByOne } from '../storage/core/oneByOne';
import { readSettings, writeSetting } from '../storage/core/settings';
import type { Snapshot, Transaction } from '../storage/core/transaction';
import type { Command } from '../storage/core/writeQueue';

/** The setting in which a database that was filled by `copy` knows of it. */
export const copySetting = 'copy';

export interface CopyNote {
  /** The id of the database that it is a copy of. */
  source: string;
  /** The id of the last run; a run that finds another one's here has been overtaken. */
  run: string;
  /**
   * - begun: some of it is missing, and nobody but `copy` may use it;
   * - complete: it was equal to the source when the run ended, and may be brought up to date or used;
   * - in use: somebody has written it since, so that it lives a life of its own.
   */
  state: 'begun' | 'complete' | 'in use';
}

/** What the database knows of its copy; undefined for one that was never copied to. */
export async function readCopyNote(snapshot: Snapshot): Promise<CopyNote | undefined> {
  const text = (await readSettings(snapshot)).get(copySetting);
  return text === undefined ? undefined : JSON.parse(text);
}

export async function writeCopyNote(tx: Transaction, note: CopyNote): Promise<void> {
  await writeSetting(tx, copySetting, JSON.stringify(note));
}

/**
 * Keeps a database that `copy` fills from being used before it is whole, and notes the first write to it afterwards: from
 * then on, copying to it again would take away what was written.
 * @param name the database, for messages
 * @throws OperatorError when its copy is not complete
 */
export async function requireWhole(database: Database, name: string): Promise<void> {
  const note = await database.read(readCopyNote);
  if (note === undefined || note.state === 'in use') return;
  if (note.state === 'begun') {
    throw new OperatorError(
      `The database ${name} is being filled by caretally copy, and some of it is missing. ` +
        'Run that command again, to its end: it goes on where it was.',
    );
  }
  const write: Database['write'] = database.write.bind(database);
  let claimed: Promise<unknown> | undefined;
  database.write = async (command, inputs) => {
    if (command.isNote) return write(command, inputs);
    claimed ??= write(claim, [undefined]).then(([outcome]) => {
      if (outcome && 'error' in outcome) throw outcome.error;
    });
    try {
      await claimed;
    } catch (error) {
      claimed = undefined;
      throw error;
    }
    return write(command, inputs);
  };
}

/** Notes that the database is in use. */
const claim: Command<undefined, undefined> = {
  name: 'claimCopiedDatabase',
  handle: oneByOne(async (tx) => {
    await tx.lock('copy', 'exclusive');
    const note = await readCopyNote(tx);
    if (note?.state === 'begun') {
      throw new AppError(
        'UNAVAILABLE',
        'The database is being brought up to date and takes no writes. Nothing was done; send this again later.',
      );
    }
    if (note?.state === 'complete') await writeCopyNote(tx, { ...note, state: 'in use' });
    return undefined;
  }),
};
