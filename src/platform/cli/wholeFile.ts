import { rmSync, statSync } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { OperatorError } from '../errors';
import { cannotWriteOutput, wordsOf } from '../storage/core/outputFile';
import { privateFileMode } from '../storage/sqlite/privateFiles';

/** A file that is being written, under a name of its own. */
export interface PartialFile {
  path: string;
  /** Stays open: who writes must not close it. */
  handle: FileHandle;
}

/**
 * Makes a file, for its owner alone, whole or not at all: it is written under another name, and renamed when it is complete
 * and on the disk. Whatever ends the work before, Ctrl-C included, leaves what lay under the final name as it was. Whether it
 * may be replaced has been asked of `requireOutput`.
 * @throws OperatorError when the file cannot be written
 */
export async function writeWholeFile<Value>(
  path: string,
  write: (partial: PartialFile) => Promise<Value>,
): Promise<Value> {
  try {
    return await writePartial(path, write);
  } catch (error) {
    throw cannotWriteOutput(error, wordsOf(path));
  }
}

async function writePartial<Value>(
  path: string,
  write: (partial: PartialFile) => Promise<Value>,
): Promise<Value> {
  const partialPath = `${path}.partial`;
  // What a killed run has left.
  await rm(partialPath, { force: true });
  let ino: number | undefined;
  // Somebody who writes the same file at the same time has begun it anew.
  const isOwn = () => statSync(partialPath, { throwIfNoEntry: false })?.ino === ino;
  const removeOwn = () => {
    if (isOwn()) rmSync(partialPath);
  };
  // Listens before there is a file: a signal may come while it is being made, and then it is nobody else's.
  const stop = () => {
    if (ino === undefined) rmSync(partialPath, { force: true });
    else removeOwn();
    process.exit(130);
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
  let handle: FileHandle | undefined;
  try {
    handle = await open(partialPath, 'wx', privateFileMode);
    ino = (await handle.stat()).ino;
    const value = await write({ path: partialPath, handle });
    await handle.sync();
    if (!isOwn()) {
      throw new OperatorError(
        `Another command is writing ${partialPath}, too. Wait for it, or choose another name.`,
      );
    }
    await rename(partialPath, path);
    await syncFolder(dirname(path));
    return value;
  } catch (error) {
    if (handle) removeOwn();
    throw error;
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
    await handle?.close();
  }
}

/** A rename is on the disk when its folder is. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
