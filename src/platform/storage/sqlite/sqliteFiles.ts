import { closeSync, openSync, readSync, realpathSync } from 'node:fs';
import { endianness } from 'node:os';
import { OperatorError } from '../../errors';
import { NotServing } from '../core/failures';
import { findFile, type Identity, isSameFile, noteClosed, noteOpen } from './databaseFiles';

/** How far the log counts as committed, as in https://www.sqlite.org/walformat.html#the_wal_index_header. */
interface LogPosition {
  /** Frames of the log that are committed. */
  frames: number;
  /** Chosen anew each time the log begins anew: frames with others are what is left of before. */
  salts: Buffer;
  /** Those in the header of the log itself: a log that has just begun has no others before its first commit. */
  saltsOfLog: Buffer;
  pageBytes: number;
}

const positionBytes = 48;
const logHeaderBytes = 32;
const frameHeaderBytes = 24;
/** Where the file's header holds what `pragma user_version` says. */
export const userVersionAt = 60;

const replaced = new NotServing(
  'The file of the database was moved, deleted or replaced while the service ran. Nothing was done; whoever runs the service ' +
    'must put the file back, or start the service anew on the right one.',
  'The file of the database was moved, deleted or replaced while the service ran.',
);

const noLog = (file: string) =>
  new OperatorError(
    `SQLite keeps no log beside ${file}. Network file systems, for one, lack what that takes: move the database to a local disk.`,
  );

const takenOver = new NotServing(
  'Another service has begun to serve this database. Nothing was done; whoever runs them must stop one of the two.',
  'Another service has begun to serve this database.',
);

/**
 * The files of a SQLite database as they were when it was opened. A connection goes on with the files that it has open,
 * whatever their names stand for by now: what it then writes is found by nobody, and is lost with the process. SQLite looks
 * for that only when it closes a file; here it is looked for before and after each commit, which takes three `stat`.
 *
 * Its handles are held for as long as there are connections: closing any handle of a file takes away all of the process's
 * locks on it.
 */
export class SqliteFiles {
  private readonly real: string;
  private readonly main: Identity;
  private sidecars: { name: string; identity: Identity }[] = [];
  private handles: { main: number; log: number; index: number } | undefined;
  /** What the file's header says while this process serves it; undefined when it does not. */
  private mark: number | undefined;
  private isMarked = false;

  /** @param file the name that the operator gave it */
  constructor(private readonly file: string) {
    this.real = realpathSync(file);
    this.main = findFile(file) as Identity;
  }

  /** To be called when the connection that writes has been opened, and keeps the log and its index from being removed. */
  take(): void {
    this.sidecars = ['-wal', '-shm'].map((suffix) => {
      const name = this.real + suffix;
      const identity = findFile(name);
      if (!identity) throw noLog(this.file);
      return { name, identity };
    });
    noteOpen(this.main);
    this.handles = {
      main: openSync(this.real, 'r'),
      log: openSync(`${this.real}-wal`, 'r'),
      index: openSync(`${this.real}-shm`, 'r'),
    };
  }

  /** To be called when every connection is closed. */
  release(): void {
    const { handles } = this;
    this.handles = undefined;
    this.sidecars = [];
    if (!handles) return;
    noteClosed(this.main);
    for (const handle of Object.values(handles)) closeSync(handle);
  }

  /** From now on the file's header must say this, once it has: a copy of another moment, laid over the file, says something else. */
  expectMark(mark: number): void {
    this.mark = mark;
    this.isMarked = false;
  }

  /** @throws NotServing when the database says that another process serves it by now */
  requireMark(found: number | undefined): void {
    if (this.mark !== undefined && found !== this.mark) throw takenOver;
  }

  /** @throws NotServing when one of the names stands for another file than the one that is open */
  requireUnchanged(): void {
    if (!this.areUnchanged()) throw replaced;
  }

  areUnchanged(): boolean {
    if (!isSameFile(findFile(this.file), this.main)) return false;
    for (const { name, identity } of this.sidecars) if (!isSameFile(findFile(name), identity)) return false;
    return this.hasMark();
  }

  /** To be asked before a commit, for {@link mayHoldCommitSince}. */
  position(): LogPosition {
    if (!this.handles) throw replaced;
    const index = Buffer.alloc(positionBytes);
    if (readSync(this.handles.index, index, 0, positionBytes, 0) < positionBytes) throw replaced;
    const log = Buffer.alloc(logHeaderBytes);
    // Of an empty log there is nothing to read.
    readSync(this.handles.log, log, 0, logHeaderBytes, 0);
    return {
      frames: endianness() === 'LE' ? index.readUInt32LE(16) : index.readUInt32BE(16),
      salts: index.subarray(32, 40),
      pageBytes: log.readUInt32BE(8),
      saltsOfLog: log.subarray(16, 24),
    };
  }

  /**
   * Whether a commit that failed may have been done all the same, or may still come to be: its record is in the log, and
   * after a crash the next one who opens the file takes it for committed. That is so when not the writing has failed but
   * the flush to the disk. Where the record is not in the log, nothing of it will ever be.
   */
  mayHoldCommitSince(before: LogPosition): boolean {
    try {
      const now = this.position();
      const isSameLog = now.salts.equals(before.salts);
      if (isSameLog ? now.frames !== before.frames : now.frames > 0) return true;
      const isBegun = now.saltsOfLog.equals(now.salts);
      // Nothing of this commit has come to the log, not even its header.
      if (!isBegun && (now.frames > 0 || now.saltsOfLog.equals(before.saltsOfLog))) return false;
      return hasCommitBehind(this.handles?.log as number, now);
    } catch {
      return true;
    }
  }

  private hasMark(): boolean {
    if (this.mark === undefined || !this.handles) return true;
    const found = Buffer.alloc(4);
    const isWhole = readSync(this.handles.main, found, 0, 4, userVersionAt) === 4;
    const says = isWhole && found.readInt32BE() === this.mark;
    // Until it is copied from the log, the header says what it said before.
    this.isMarked ||= says;
    return says || !this.isMarked;
  }
}

/** Whether behind the committed frames there is another one that ends a transaction, whole and of the same log. */
function hasCommitBehind(log: number, { frames, pageBytes, saltsOfLog }: LogPosition): boolean {
  const frameBytes = frameHeaderBytes + pageBytes;
  const frame = Buffer.alloc(frameBytes);
  for (let at = logHeaderBytes + frames * frameBytes; ; at += frameBytes) {
    if (readSync(log, frame, 0, frameBytes, at) < frameBytes) return false;
    if (!frame.subarray(8, 16).equals(saltsOfLog)) return false;
    if (frame.readUInt32BE(4) !== 0) return true;
  }
}
