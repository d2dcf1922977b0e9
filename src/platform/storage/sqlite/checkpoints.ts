import { type FileHandle, open } from 'node:fs/promises';
import type { Connection } from '../core/connection';

/** Pages in the log from which on it is worth beginning anew: 40 MB. */
const longLogPages = 10_000;
/** Between two runs while there is writing. The pages that many writes touch are copied once a run. */
const pauseMs = 1_000;

/** Copies what it can without anybody waiting. Only when that is all does it wait for the disk, too. */
const checkpoint = 'pragma wal_checkpoint(passive)';

/**
 * Copies SQLite's log back to the database in a thread, beside the writing: left to the writing connection it stops
 * every request for as long as the disk takes, at millions of events more than a tenth of a second each time.
 *
 * Under steady writing there are always some pages that came in meanwhile, and the log would grow for ever. So once it
 * is long, and the disk has all but these, writing pauses for them; then the log begins anew.
 */
export class Checkpoints {
  private running: Promise<void> | undefined;
  private lastEndMs = Number.NEGATIVE_INFINITY;
  private timer: NodeJS.Timeout | undefined;
  private isNearEnd = false;

  private constructor(
    private readonly beside: Connection,
    private readonly file: FileHandle,
    private readonly mayCopy: () => boolean,
  ) {}

  /**
   * @param beside a connection in a thread of its own
   * @param mayCopy whether the file and its log are still those that are open
   */
  static async on(file: string, beside: Connection, mayCopy: () => boolean): Promise<Checkpoints> {
    return new Checkpoints(beside, await open(file, 'r+'), mayCopy);
  }

  /** To be awaited between two transactions. */
  async finish(): Promise<void> {
    if (!this.isNearEnd) return;
    this.isNearEnd = false;
    await this.copy().catch(() => undefined);
  }

  /** To be called after each commit. */
  committed(): void {
    if (this.running || this.timer) return;
    const waitMs = Math.max(0, this.lastEndMs + pauseMs - performance.now());
    this.timer = setTimeout(() => {
      this.timer = undefined;
      // A thread that died, or a disk that failed: the next run tries again, and nothing is lost but time.
      const ended = () => {
        this.running = undefined;
        this.lastEndMs = performance.now();
      };
      this.running = this.run().then(ended, ended);
    }, waitMs).unref();
  }

  /** Ends what is under way. */
  async stop(): Promise<void> {
    clearTimeout(this.timer);
    await this.running;
  }

  /**
   * Only when every connection to the file is closed: closing any handle of a file takes away all of the process's
   * locks on it.
   */
  async close(): Promise<void> {
    await this.file.close();
  }

  private async run(): Promise<void> {
    // The second pass takes what came in during the first, so that next to nothing is left.
    for (let pass = 1; pass <= 2; pass += 1) {
      if ((await this.copy()) <= longLogPages) return;
      await this.file.sync();
    }
    this.isNearEnd = true;
  }

  /** @returns how many pages the log has; what a reader still needs in it stays there until the next time */
  private async copy(): Promise<number> {
    if (!this.mayCopy()) return 0;
    const [found] = await this.beside.query<{ log: number }>(checkpoint, []);
    return found?.log ?? 0;
  }
}
