import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readSync, writeFileSync, writeSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';

/** How a call fails. */
export interface Fault {
  code: 'EIO' | 'ENOSPC';
  /** What it was to do is done, and only its answer is a failure. */
  isDone: boolean;
}

/** Makes the calls fail that a process writes its database with, `care.db`, one at a time (see faults.c). */
export class Faults {
  private readonly control: number;
  /** For the process. */
  readonly environment: Readonly<Record<string, string>>;

  /** @param folder a folder of the test's own */
  constructor(folder: string) {
    const library = join(folder, 'faults.so');
    const source = join(__dirname, 'faults.c');
    execFileSync('gcc', ['-O1', '-shared', '-fPIC', '-o', library, source, '-ldl'], { stdio: 'inherit' });
    const control = join(folder, 'faults');
    writeFileSync(control, Buffer.alloc(12));
    this.control = openSync(control, 'r+');
    this.environment = { LD_PRELOAD: library, FAULTS: control };
    this.disarm();
  }

  /** Lets so many calls go well, and the next one fail. */
  arm(calls: number, { code, isDone }: Fault): void {
    this.write([-1, constants.errno[code], Number(isDone)]);
    this.write([calls]);
  }

  /** @returns whether a call has failed since */
  disarm(): boolean {
    const left = Buffer.alloc(4);
    readSync(this.control, left, 0, 4, 0);
    this.write([-1]);
    return left.readInt32LE() < 0;
  }

  close(): void {
    closeSync(this.control);
  }

  private write(numbers: number[]): void {
    writeSync(this.control, Buffer.from(Int32Array.from(numbers).buffer), 0, numbers.length * 4, 0);
  }
}
