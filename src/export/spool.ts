import { randomBytes } from 'node:crypto';
import { type FileHandle, open, statfs, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';

/** What exports that are taken slowly may use. */
export interface SpoolLimits {
  /** How long a page waits for whoever takes the export; from then on the rest goes into a file. */
  patienceMs: number;
  /** How long the snapshot stays open for somebody whose export can go into no file. */
  ageMs: number;
  /** In the file of one export, and in those of all. */
  exportBytes: number;
  totalBytes: number;
  /** What stays free on the disk. */
  freeBytes: number;
}

const gibibyte = 2 ** 30;

export const spoolLimits: Readonly<SpoolLimits> = {
  patienceMs: 250,
  ageMs: 60_000,
  exportBytes: 2 * gibibyte,
  totalBytes: 4 * gibibyte,
  freeBytes: gibibyte,
};

/** Two pages of CSV: one is sent while the next is read. */
const memoryBytes = 2 ** 20;
const readBytes = 2 ** 18;

/**
 * Where exports wait for whoever takes them slowly, so that no snapshot does: an open one keeps the log from shrinking, and
 * is one of few. Whoever takes an export as fast as it is read never meets a file.
 */
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
    const { bavail, bsize } = await statfs(this.folder);
    if (bavail * bsize - bytes >= this.limits.freeBytes) return true;
    this.usedBytes -= bytes;
    return false;
  }

  release(bytes: number): void {
    this.usedBytes -= bytes;
  }

  /** A file without a name, which is gone when it is closed or the process ends, however that is. */
  async openFile(): Promise<FileHandle> {
    const path = join(this.folder, `caretally-export-${randomBytes(12).toString('hex')}`);
    const file = await open(path, 'wx+', 0o600);
    await unlink(path);
    return file;
  }
}

/**
 * A stream of text that is read as fast as the database gives it, and taken as slowly as anybody likes. It is destroyed with
 * an error where what was read can be kept nowhere: then it has not come to its end, and never looks as if it had.
 */
export class SpooledText extends Readable {
  private readonly beganAtMs = performance.now();
  private file: FileHandle | undefined;
  /** Handed to the file; and of these, what is in it; and of these, what was given on. */
  private writtenBytes = 0;
  private keptBytes = 0;
  private takenBytes = 0;
  private isComplete = false;
  private isGiving = false;
  /** Whether somebody waits for more. */
  private wantsMore = false;
  private wake: (() => void) | undefined;
  /** Of the file, which is closed only when nobody uses it. */
  private using: Promise<unknown> = Promise.resolve();

  constructor(private readonly spool: Spool) {
    super({ highWaterMark: memoryBytes });
  }

  /** Reads a text to its end. It resolves then, or once nobody wants the rest; it rejects when reading has failed. */
  async fill(text: AsyncIterable<string>): Promise<void> {
    for await (const part of text) {
      if (this.destroyed) return;
      const bytes = Buffer.from(part);
      if (this.file) await this.keep(bytes);
      else if (!this.give(bytes) && !(await this.wanted(this.spool.limits.patienceMs))) await this.openFile();
    }
    this.isComplete = true;
    if (!this.file) this.push(null);
    else this.giveOn();
  }

  override _read(): void {
    this.wantsMore = true;
    this.wake?.();
    this.giveOn();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.wake?.();
    const { file } = this;
    const close = async () => {
      await this.using.catch(() => undefined);
      await file?.close();
      this.spool.release(this.writtenBytes);
    };
    close().then(
      () => callback(error),
      (failure) => callback(error ?? failure),
    );
  }

  private give(bytes: Buffer): boolean {
    this.wantsMore = false;
    return this.push(bytes);
  }

  /** @returns whether somebody has asked for more within this time, or will never ask again */
  private async wanted(withinMs: number): Promise<boolean> {
    if (this.wantsMore || this.destroyed) return true;
    return new Promise((resolve) => {
      const end = (isWanted: boolean) => {
        clearTimeout(timer);
        this.wake = undefined;
        resolve(isWanted);
      };
      const timer = setTimeout(end, withinMs, false);
      this.wake = () => end(true);
    });
  }

  private async openFile(): Promise<void> {
    // The folder may be missing or full; then the export goes on at the speed of whoever takes it, for a while.
    const file = (await this.spool.reserve(0, 0).catch(() => false))
      ? await this.spool.openFile().catch(() => undefined)
      : undefined;
    if (this.destroyed) return file?.close();
    this.file = file;
    if (file) return;
    const leftMs = this.beganAtMs + this.spool.limits.ageMs - performance.now();
    if (leftMs <= 0 || !(await this.wanted(leftMs))) this.cut();
  }

  private async keep(bytes: Buffer): Promise<void> {
    if (!(await this.spool.reserve(bytes.length, this.writtenBytes).catch(() => false))) return this.cut();
    if (this.destroyed) return this.spool.release(bytes.length);
    const at = this.writtenBytes;
    this.writtenBytes += bytes.length;
    const writing = (this.file as FileHandle).write(bytes, 0, bytes.length, at);
    this.using = Promise.allSettled([this.using, writing]);
    const { bytesWritten } = await writing.catch(() => ({ bytesWritten: 0 }));
    if (bytesWritten < bytes.length) return this.cut();
    this.keptBytes = this.writtenBytes;
    this.giveOn();
  }

  /** Gives on what is in the file, as far as it is wanted. */
  private giveOn(): void {
    if (!this.file || this.isGiving || !this.wantsMore || this.destroyed) return;
    const bytes = Math.min(readBytes, this.keptBytes - this.takenBytes);
    if (bytes === 0) {
      if (this.isComplete) this.push(null);
      return;
    }
    this.isGiving = true;
    const reading = this.file.read(Buffer.allocUnsafe(bytes), 0, bytes, this.takenBytes);
    this.using = Promise.allSettled([this.using, reading]);
    reading.then(
      ({ bytesRead, buffer }) => {
        this.isGiving = false;
        if (this.destroyed) return;
        this.takenBytes += bytesRead;
        this.give(buffer.subarray(0, bytesRead));
        this.giveOn();
      },
      (error) => this.destroy(error),
    );
  }

  private cut(): void {
    this.destroy(
      new Error(
        'An export was taken too slowly and cut off: no room was left to keep the rest of it for whoever takes it.',
      ),
    );
  }
}
