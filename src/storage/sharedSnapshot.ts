import type { Database } from './database';
import type { Snapshot } from './transaction';

type Reading = (snapshot: Snapshot) => Promise<void>;

/**
 * Reads that belong together, in one snapshot: what is asked for in the same turn of the event loop (the fields of
 * one GraphQL object are) sees the same data, so that a report's totals are the sum of its rows also under writes.
 */
export class SharedSnapshot {
  private readings: Reading[] = [];

  constructor(private readonly database: Database) {}

  /** Reads in the snapshot that is shared with all other calls of this turn. */
  read<Value>(work: (snapshot: Snapshot) => Promise<Value>): Promise<Value> {
    return new Promise((resolve, reject) => {
      this.readings.push((snapshot) => work(snapshot).then(resolve, reject));
      if (this.readings.length > 1) return;
      // Behind all promise jobs of this turn: by then every sibling field has asked.
      Promise.resolve().then(() => process.nextTick(() => this.readAll().catch(reject)));
    });
  }

  private async readAll(): Promise<void> {
    const readings = this.readings;
    this.readings = [];
    await this.database.read(async (snapshot) => {
      for (const reading of readings) await reading(snapshot);
    });
  }
}
