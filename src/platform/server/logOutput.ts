import { write, writeSync } from 'node:fs';

/** What waits for a reader of the log who does not read: some thousand lines. More is dropped: the service goes on. */
const maxWaitingBytes = 1024 * 1024;
/** Of one write. A pipe takes so much at a time. */
const maxTogetherBytes = 64 * 1024;

/**
 * Lines wait for each other until they are so long together, or until so much time has passed: a write for each line took
 * a sixth of the time of the smallest request.
 */
const linesTogetherBytes = 4 * 1024;
const linesTogetherMs = 100;

/** A pipe that is full is tried again so soon, and what takes nothing at all (a full disk, a closed pipe) so late. */
const fullPauseMs = 100;
const brokenPauseMs = 1_000;
/** What is left at the end of the process may take so long. Nobody may be there to read it. */
const endWithinMs = 200;

/**
 * Writes lines to a file, a pipe or a terminal, beside everything else, and never fails: on a full disk, into a pipe that
 * is closed, or where nobody reads, lines are dropped and counted. Nothing here keeps the process from ending.
 */
export class LogOutput {
  /** How many lines have been dropped so far. */
  droppedLines = 0;
  /** Told once lines are written again, and none waits: how many were dropped in between. */
  onRecovery: ((droppedLines: number) => void) | undefined;

  private waiting: string[] = [];
  private waitingBytes = 0;
  /** What is being written. */
  private rest: Buffer = Buffer.alloc(0);
  private isWriting = false;
  private isPausing = false;
  private timer: NodeJS.Timeout | undefined;
  private toldLines = 0;
  /** A line was broken off: the next one must not begin behind it. */
  private isMidLine = false;

  /** @param fd is written without waiting, so that a pipe must be one that does not block */
  constructor(private readonly fd: number) {}

  write(line: string): void {
    const bytes = Buffer.byteLength(line);
    if (this.waitingBytes + bytes > maxWaitingBytes) {
      this.droppedLines += 1;
      return;
    }
    this.waiting.push(line);
    this.waitingBytes += bytes;
    if (this.isWriting) return;
    if (this.waitingBytes >= linesTogetherBytes && !this.isPausing) this.writeNext();
    else this.timer ??= this.after(linesTogetherMs);
  }

  /** For what somebody waits to read. */
  flush(): void {
    if (!this.isPausing) this.writeNext();
  }

  /** Writes what waits as far as it is taken at once; for the end of the process, which has no time for the other way. */
  end(): void {
    const giveUpMs = performance.now() + endWithinMs;
    while (this.rest.length > 0 || this.waiting.length > 0) {
      if (this.rest.length === 0) this.takeNext();
      try {
        this.written(writeSync(this.fd, this.rest));
      } catch (error) {
        if (!isFull(error) || performance.now() > giveUpMs) return;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
      }
    }
  }

  private after(ms: number): NodeJS.Timeout {
    return setTimeout(() => {
      this.timer = undefined;
      this.isPausing = false;
      this.writeNext();
    }, ms).unref();
  }

  private writeNext(): void {
    if (this.isWriting) return;
    if (this.rest.length === 0) this.takeNext();
    if (this.rest.length === 0) return;
    this.isWriting = true;
    write(this.fd, this.rest, (error, bytes) => {
      this.isWriting = false;
      if (!error) this.written(bytes);
      else if (!isFull(error)) this.drop();
      if (error) this.pause(isFull(error) ? fullPauseMs : brokenPauseMs);
      else if (this.rest.length > 0 || this.waitingBytes >= linesTogetherBytes) this.writeNext();
      else {
        this.tellRecovery();
        if (this.waiting.length > 0) this.timer ??= this.after(linesTogetherMs);
      }
    });
  }

  private pause(ms: number): void {
    clearTimeout(this.timer);
    this.isPausing = true;
    this.timer = this.after(ms);
  }

  private takeNext(): void {
    let count = 0;
    let bytes = 0;
    while (count < this.waiting.length) {
      bytes += Buffer.byteLength(this.waiting[count] as string);
      if (count > 0 && bytes > maxTogetherBytes) break;
      count += 1;
    }
    const text = this.waiting.splice(0, count).join('');
    this.rest = Buffer.from(this.isMidLine ? `\n${text}` : text);
    this.waitingBytes -= Buffer.byteLength(text);
  }

  private written(bytes: number): void {
    if (bytes === 0) return;
    this.isMidLine = this.rest[bytes - 1] !== lineEnd;
    this.rest = this.rest.subarray(bytes);
  }

  /** Of what is being written. A line of which a part was written is lost, too. */
  private drop(): void {
    for (const byte of this.rest) if (byte === lineEnd) this.droppedLines += 1;
    this.rest = Buffer.alloc(0);
  }

  private tellRecovery(): void {
    const dropped = this.droppedLines - this.toldLines;
    if (dropped === 0) return;
    this.toldLines = this.droppedLines;
    this.onRecovery?.(dropped);
  }
}

const lineEnd = 0x0a;

/** Its reader has not read what was written before. */
function isFull(error: unknown): boolean {
  return ['EAGAIN', 'EBUSY', 'EINTR'].includes((error as NodeJS.ErrnoException).code ?? '');
}

let output: LogOutput | undefined;

/** Where the log of this process goes, and what it tells people. What is left is written when the process ends. */
export function standardOutput(): LogOutput {
  if (!output) {
    // Node makes pipes and sockets such that do not block as soon as somebody looks at this.
    const { fd } = process.stdout;
    const made = new LogOutput(fd);
    process.once('exit', () => made.end());
    output = made;
  }
  return output;
}
