import { AppError } from '../../errors';
import type { Reader } from './database';
import type { Snapshot } from './transaction';

interface Reading {
  work(snapshot: Snapshot): Promise<unknown>;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/**
 * Reads that belong together, in one snapshot: what is asked for in the same turn of the event loop (the fields of
 * one GraphQL object are) sees the same data, so that a report's totals are the sum of its rows also under writes.
 */
export class SharedSnapshot {
  private readings: Reading[] = [];

  constructor(private readonly database: Pick<Reader, 'read'>) {}

  /** Reads in the snapshot that is shared with all other calls of this turn. */
  read<Value>(work: (snapshot: Snapshot) => Promise<Value>): Promise<Value> {
    return new Promise((resolve, reject) => {
      this.readings.push({ work, resolve, reject } as Reading);
      if (this.readings.length > 1) return;
      // Behind all promise jobs of this turn: by then every sibling field has asked.
      Promise.resolve().then(() => process.nextTick(() => this.readAll()));
    });
  }

  /** Nobody is answered before all have read: a snapshot that breaks off is begun again elsewhere, and then it is another one. */
  private async readAll(): Promise<void> {
    const readings = this.readings;
    this.readings = [];
    try {
      const answers = await this.database.read(async (snapshot) => {
        const read: Answer[] = [];
        for (const reading of readings) read.push(await answerOf(reading, snapshot));
        return read;
      });
      for (const [index, answer] of answers.entries()) {
        const { resolve, reject } = readings[index] as Reading;
        if ('error' in answer) reject(answer.error);
        else resolve(answer.value);
      }
    } catch (error) {
      // There was no snapshot to be had, or it failed.
      for (const reading of readings) reading.reject(error);
    }
  }
}

type Answer = { value: unknown } | { error: AppError };

/** An expected failure is the answer of this one; everything else is a failure of the snapshot, for all. */
async function answerOf(reading: Reading, snapshot: Snapshot): Promise<Answer> {
  try {
    return { value: await reading.work(snapshot) };
  } catch (error) {
    if (error instanceof AppError) return { error };
    throw error;
  }
}
