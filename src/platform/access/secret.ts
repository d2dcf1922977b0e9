import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { minSecretBytes } from '../config';
import { OperatorError } from '../errors';
import { makePrivateFolder, privateFileMode } from '../storage/sqlite/privateFiles';

/** What tokens are signed with. Who knows it can make tokens for anybody. */
export interface Secret {
  bytes: Uint8Array;
  /** Whether it was made just now: there has been no token yet. */
  isNew: boolean;
}

/**
 * Reads the secret from its file, which is made where there is none. Its text may also be given as AUTH_SECRET: then the
 * same tokens hold.
 * @throws OperatorError when others may read the file, or it is no secret, or it cannot be read or made
 */
export function readOrMakeSecret(file: string): Secret {
  try {
    return { bytes: readSecret(file), isNew: false };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw inWords(error, file);
  }
  try {
    const isNew = makeSecret(file);
    return { bytes: readSecret(file), isNew };
  } catch (error) {
    throw inWords(error, file);
  }
}

function readSecret(file: string): Uint8Array {
  const handle = openSync(file, 'r');
  try {
    requirePrivate(file, fstatSync(handle).mode);
    const text = readFileSync(handle, 'utf8').trim();
    if (Buffer.byteLength(text) < minSecretBytes) {
      throw new OperatorError(
        `The file ${file} holds no secret of at least ${minSecretBytes} bytes. Put it back from a backup, or delete it: ` +
          'the next start makes another, and everybody signs in anew.',
      );
    }
    return Buffer.from(text);
  } finally {
    closeSync(handle);
  }
}

/** Windows keeps rights in another way, and says the same of every file. */
function requirePrivate(file: string, mode: number): void {
  if (process.platform === 'win32' || (mode & 0o077) === 0) return;
  throw new OperatorError(
    `Others than its owner may read or write ${file} (mode ${(mode & 0o777).toString(8)}), and who reads it can sign in as ` +
      `anybody. Take the rights away: chmod 600 ${file}. If somebody may have read it, delete it instead: the next ` +
      'start makes another, and everybody signs in anew.',
  );
}

/**
 * The file appears whole: of several programs that start at once, one makes it and all read the same.
 * @returns whether it was made here
 */
function makeSecret(file: string): boolean {
  makePrivateFolder(dirname(file));
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    const handle = openSync(draft, 'wx', privateFileMode);
    try {
      writeFileSync(handle, `${randomBytes(32).toString('base64url')}\n`);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    linkSync(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function inWords(error: unknown, file: string): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code === undefined || syscall === undefined) return error;
  return new OperatorError(
    `Cannot read or make the file ${file}, which holds the secret of the tokens (${code}). ` +
      'Check its folder and the rights to it, or give the secret as AUTH_SECRET.',
  );
}
