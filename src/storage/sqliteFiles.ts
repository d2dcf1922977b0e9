import { closeSync, openSync, readSync, realpathSync, statSync } from 'node:fs';
import { endianness } from 'node:os';
import { NotServing } from './failures';

/** Which file a name stands for, whatever it is called. */
interface Identity {
  dev: number;
  ino: number;
}

/** How far the log counts as committed, as in https://www.sqlite.org/walformat.html#the_wal_index_header. */
interface LogPosition {
  /** Frames of the log that are committed. */
  frames: number;
  pageBytes: number;
  /** Chosen anew each time the log begins anew: frames with others are what is left of before. */
  salts: Buffer;
}

const positionBytes = 48;
const logHeaderBytes = 32;
const frameHeaderBytes = 24;
/** Where the file's header holds what `pragma user_version` says. */
const userVersionAt = 60;

const replaced = new NotServing(
  'The file of the database was moved, deleted or replaced while the service ran. Nothing was done; whoever runs the service ' +
    'must put the file back, or start the service anew on the right one.',
  'The file of the database was moved, deleted or replaced while the service ran.',
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
  private handles: { main: number; index: number } | undefined;
  /** What the file's header says while this process serves it; undefined when it does not. */
  private mark: number | undefined;
  private isMarked = false;

  /** @param file the name that the operator gave it */
  constructor(private readonly file: string) {
    this.real = realpathSync(file);
    this.main = identityOf(file) as Identity;
  }

  /** To be called when the connection that writes has been opened, and keeps the log and its index from being removed. */
  take(): void {
    this.sidecars = ['-wal', '-shm'].map((suffix) => {
      const name = this.real + suffix;
      const identity = identityOf(name);
      if (!identity) throw replaced;
      return { name, identity };
    });
    this.handles = { main: openSync(this.real, 'r'), index: openSync(`${this.real}-shm`, 'r') };
  }

  /** To be called when every connection is closed. */
  release(): void {
    const { handles } = this;
    this.handles = undefined;
    this.sidecars = [];
    if (!handles) return;
    closeSync(handles.main);
    closeSync(handles.index);
  }

  /** From now on the file's header must say this, once it has: a copy of another moment, laid over the file, says something else. */
  expectMark(mark: number): void {
    this.mark = mark;
    this.isMarked = false;
  }

  /** @throws NotServing when one of the names stands for another file than the one that is open */
  requireUnchanged(): void {
    if (!this.areUnchanged()) throw replaced;
  }

  areUnchanged(): boolean {
    if (!isSame(identityOf(this.file), this.main)) return false;
    for (const { name, identity } of this.sidecars) if (!isSame(identityOf(name), identity)) return false;
    return this.hasMark();
  }

  /** To be asked before a commit, for {@link mayHoldCommitSince}. */
  position(): LogPosition {
    const index = Buffer.alloc(positionBytes);
    if (readSync(this.openHandles().index, index, 0, positionBytes, 0) < positionBytes) throw replaced;
    const isLittle = endianness() === 'LE';
    const pageBytes = isLittle ? index.readUInt16LE(14) : index.readUInt16BE(14);
    return {
      frames: isLittle ? index.readUInt32LE(16) : index.readUInt32BE(16),
      // The largest page does not fit into 16 bits.
      pageBytes: pageBytes === 1 ? 65_536 : pageBytes,
      salts: index.subarray(32, 40),
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
      return hasCommitBehind(`${this.real}-wal`, now);
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

  private openHandles() {
    if (!this.handles) throw replaced;
    return this.handles;
  }
}

/** Whether behind the committed frames there is another one that ends a transaction, whole and of the same log. */
function hasCommitBehind(log: string, { frames, pageBytes, salts }: LogPosition): boolean {
  const handle = openSync(log, 'r');
  try {
    const header = Buffer.alloc(logHeaderBytes);
    if (readSync(handle, header, 0, logHeaderBytes, 0) < logHeaderBytes) return false;
    if (!header.subarray(16, 24).equals(salts)) return false;
    const frameBytes = frameHeaderBytes + pageBytes;
    const frame = Buffer.alloc(frameBytes);
    for (let at = logHeaderBytes + frames * frameBytes; ; at += frameBytes) {
      if (readSync(handle, frame, 0, frameBytes, at) < frameBytes) return false;
      if (!frame.subarray(8, 16).equals(salts)) return false;
      if (frame.readUInt32BE(4) !== 0) return true;
    }
  } finally {
    closeSync(handle);
  }
}

function identityOf(name: string): Identity | undefined {
  try {
    return statSync(name, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

function isSame(found: Identity | undefined, identity: Identity): boolean {
  return found !== undefined && found.ino === identity.ino && found.dev === identity.dev;
}
