import { type FileHandle, mkdtemp, open, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { AppError } from '../errors';
import { privateFileMode } from '../storage/sqlite/privateFiles';

/** What exports may use that are taken more slowly than they are read. */
export interface SpoolLimits {
  /** How long an export may wait in all for its reader before the rest goes into a file. */
  patienceMs: number;
  /** How long it waits where no file can be had. */
  patienceWithoutFileMs: number;
  /** How long a snapshot may be open, whatever keeps it so. */
  snapshotMs: number;
  /** How long an export may be taken from its file. */
  takingMs: number;
  /** In the file of one export, and in those of all. */
  exportBytes: number;
  totalBytes: number;
  /** What stays free on the disk. */
  freeBytes: number;
}

const gibibyte = 2 ** 30;

export const spoolLimits: Readonly<SpoolLimits> = {
  patienceMs: 2_000,
  patienceWithoutFileMs: 30_000,
  snapshotMs: 10 * 60_000,
  takingMs: 2 * 3_600_000,
  exportBytes: 2 * gibibyte,
  totalBytes: 4 * gibibyte,
  freeBytes: gibibyte,
};

/** Two pages of CSV: one is sent while the next is read. */
const memoryBytes = 2 ** 20;
const readBytes = 2 ** 18;

/** Where exports wait for those who take them slowly: temporary files, within limits for one and for all together. */
export class Spool {
  private usedBytes = 0;

  constructor(
    readonly limits: Readonly<SpoolLimits> = spoolLimits,
    private readonly folder: string = tmpdir(),
  ) {}

  /** What the files of all exports hold. */
  get bytes(): number {
    return this.usedBytes;
  }

  /** Sets room aside for so many bytes more of an export. */
  async reserve(bytes: number, exportBytes: number): Promise<boolean> {
    if (exportBytes + bytes > this.limits.exportBytes) return false;
    if (this.usedBytes + bytes > this.limits.totalBytes) return false;
    // Beforehand: others ask while the disk answers.
    this.usedBytes += bytes;
    const freeBytes = await statfs(this.folder).then(
      ({ bavail, bsize }) => bavail * bsize,
      () => 0,
    );
    if (freeBytes - bytes >= this.limits.freeBytes) return true;
    this.usedBytes -= bytes;
    return false;
  }

  release(bytes: number): void {
    this.usedBytes -= bytes;
  }

  /** A file without a name, which is gone when it is closed or the process ends, however that is. */
  async openFile(): Promise<FileHandle> {
    const folder = await mkdtemp(join(this.folder, 'caretally-export-'));
    try {
      return await open(join(folder, 'rows'), 'wx+', privateFileMode);
    } finally {
      await rm(folder, { recursive: true });
    }
  }
}

/**
 * An export that is read as fast as the database gives it and taken as slowly as anybody likes, so that nobody keeps a
 * snapshot open: the log of SQLite could not shrink. Whoever takes it fast enough never meets a file. What cannot be kept
 * is cut off: the stream is destroyed with an error, and never looks as if it had come to its end.
 */
export class SpooledText extends Readable {
  private file: FileHandle | undefined;
  /** For which room is set aside; and of these, what is in the file; and of these, what was given on. */
  private reservedBytes = 0;
  private keptBytes = 0;
  private givenBytes = 0;
  private isComplete = false;
  private isGiving = false;
  /** Whether somebody waits for more. */
  private isWanted = false;
  private waitedMs = 0;
  private wake: () => void = () => undefined;
  private deadline: NodeJS.Timeout;

  constructor(private readonly spool: Spool) {
    super({ highWaterMark: memoryBytes });
    this.deadline = this.cutAfter(spool.limits.snapshotMs, 'reading it took too long');
  }

  /** Reads a text to its end. It resolves then, or once nobody wants the rest; it rejects when reading has failed. */
  async fill(text: AsyncIterable<string>): Promise<void> {
    for await (const part of text) {
      if (this.destroyed) return;
      const bytes = Buffer.from(part);
      if (this.file) await this.keep(bytes);
      else if (!this.give(bytes)) await this.waitOrOpenFile();
    }
    if (this.destroyed) return;
    this.isComplete = true;
    clearTimeout(this.deadline);
    this.deadline = this.cutAfter(this.spool.limits.takingMs, 'it was taken too slowly');
    if (this.file) this.giveOn();
    else this.push(null);
  }

  override _read(): void {
    this.isWanted = true;
    this.wake();
    this.giveOn();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    clearTimeout(this.deadline);
    this.wake();
    // It waits for what is under way.
    const closing = this.file?.close() ?? Promise.resolve();
    closing
      .catch(() => undefined)
      .then(() => {
        this.spool.release(this.reservedBytes);
        callback(error);
      });
  }

  private give(bytes: Buffer): boolean {
    this.isWanted = false;
    return this.push(bytes);
  }

  private async waitOrOpenFile(): Promise<void> {
    const { patienceMs, patienceWithoutFileMs } = this.spool.limits;
    if (await this.isWantedWithin(patienceMs)) return;
    const hasRoom = await this.spool.reserve(0, 0);
    const file = hasRoom ? await this.spool.openFile().catch(() => undefined) : undefined;
    if (this.destroyed) return file?.close();
    this.file = file;
    if (file || (await this.isWantedWithin(patienceWithoutFileMs))) return;
    this.cut(noRoom);
  }

  /** @param inAllMs with what was waited before */
  private async isWantedWithin(inAllMs: number): Promise<boolean> {
    const begunMs = performance.now();
    if (!this.isWanted && !this.destroyed) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, inAllMs - this.waitedMs);
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.waitedMs += performance.now() - begunMs;
    return this.isWanted || this.destroyed;
  }

  private async keep(bytes: Buffer): Promise<void> {
    if (!(await this.spool.reserve(bytes.length, this.reservedBytes))) return this.cut(noRoom);
    if (this.destroyed) return this.spool.release(bytes.length);
    const place = this.reservedBytes;
    this.reservedBytes += bytes.length;
    const { bytesWritten } = await (this.file as FileHandle)
      .write(bytes, 0, bytes.length, place)
      .catch(() => ({ bytesWritten: 0 }));
    if (bytesWritten < bytes.length) return this.cut(noRoom);
    this.keptBytes = this.reservedBytes;
    this.giveOn();
  }

  /** Gives on what is in the file, as far as it is wanted. */
  private giveOn(): void {
    if (!this.file || this.isGiving || !this.isWanted || this.destroyed) return;
    const bytes = Math.min(readBytes, this.keptBytes - this.givenBytes);
    if (bytes === 0) {
      if (this.isComplete) this.push(null);
      return;
    }
    this.isGiving = true;
    this.file.read(Buffer.allocUnsafe(bytes), 0, bytes, this.givenBytes).then(
      ({ bytesRead, buffer }) => {
        this.isGiving = false;
        if (this.destroyed) return;
        if (bytesRead === 0) return this.cut('its file cannot be read');
        this.givenBytes += bytesRead;
        this.give(buffer.subarray(0, bytesRead));
        this.giveOn();
      },
      () => this.cut('its file cannot be read'),
    );
  }

  private cutAfter(ms: number, why: string): NodeJS.Timeout {
    return setTimeout(() => this.cut(why), ms).unref();
  }

  private cut(why: string): void {
    this.destroy(
      new AppError('OVERLOADED', `The export was cut off: ${why}. What was sent of it is not the whole.`),
    );
  }
}

const noRoom = 'it was taken more slowly than it was read, and there was no room to keep the rest';
