import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { VerifyNote } from '../rollup/verifyNote';
import type { DatabaseSize } from '../storage/core/database';
import type { WriteObserver } from '../storage/core/writeObserver';
import type { EndedRequest } from './requestLog';

const requestSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const writeSeconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const batchInputs = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000];

/** What is read from the database when somebody asks for the metrics; undefined what could not be had. */
export interface ReadMetrics {
  size: DatabaseSize | undefined;
  verify: VerifyNote | undefined;
  risks: readonly string[] | undefined;
}

/**
 * All that is measured, for Prometheus: how requests and writes go, the event loop, the process. Names end with their
 * unit; labels take few values, whatever clients send.
 */
export class Metrics implements WriteObserver {
  readonly registry = new Registry();
  private readonly registers = [this.registry];

  private readonly requests = new Histogram({
    name: 'caretally_request_duration_seconds',
    help: 'Time from the request to the end of its answer, by what was asked for and the code of the answer',
    labelNames: ['operation', 'code'],
    buckets: requestSeconds,
    registers: this.registers,
  });
  private readonly waits = new Histogram({
    name: 'caretally_write_wait_seconds',
    help: 'How long writes waited in the queue for their transaction',
    buckets: writeSeconds,
    registers: this.registers,
  });
  private readonly batches = new Histogram({
    name: 'caretally_write_batch_inputs',
    help: 'Inputs that went into one transaction together',
    buckets: batchInputs,
    registers: this.registers,
  });
  private readonly transactions = new Histogram({
    name: 'caretally_write_commit_seconds',
    help: 'Time of a writing transaction from its begin to the end of its commit, or to its failure',
    labelNames: ['outcome'],
    buckets: writeSeconds,
    registers: this.registers,
  });
  private readonly databaseBytes = new Gauge({
    name: 'caretally_database_bytes',
    help: 'What the database takes on its disk; of SQLite also the log that is not copied back yet',
    labelNames: ['part'],
    registers: this.registers,
  });
  private readonly driftRows = new Gauge({
    name: 'caretally_rollup_drift_rows',
    help: 'Rows of rollups that differed from their facts when they were last verified',
    registers: this.registers,
  });
  private readonly verifiedAt = new Gauge({
    name: 'caretally_last_verify_timestamp_seconds',
    help: 'When the rollups were last verified, in seconds since 1970',
    registers: this.registers,
  });

  private readonly risks = new Gauge({
    name: 'caretally_database_risks',
    help: 'Settings of the database with which a crash of its machine may lose what was acknowledged; verify names them',
    registers: this.registers,
  });

  /** @param about told with the metric that says which version runs */
  constructor(about: {
    version: string;
    engine: string;
    queueLength(): number;
    droppedLogLines(): number;
  }) {
    const { registers } = this;
    new Gauge({
      name: 'caretally_write_queue_inputs',
      help: 'Inputs that wait to be written',
      registers,
      collect() {
        this.set(about.queueLength());
      },
    });
    new Counter({
      name: 'caretally_log_lines_dropped_total',
      help: 'Lines of the log that nobody took: its disk was full, or its reader did not read',
      registers,
      collect() {
        this.reset();
        this.inc(about.droppedLogLines());
      },
    });
    const { version, engine } = about;
    new Gauge({
      name: 'caretally_build_info',
      help: 'Which version runs, on which engine',
      labelNames: ['version', 'engine'],
      registers,
    }).set({ version, engine }, 1);
    collectDefaultMetrics({ register: this.registry });
  }

  requestEnded({ operation, code, durationMs }: EndedRequest): void {
    this.requests.observe({ operation, code }, durationMs / 1_000);
  }

  batchBegun({ inputs, waitsMs }: { inputs: number; waitsMs: readonly number[] }): void {
    this.batches.observe(inputs);
    for (const waitMs of waitsMs) this.waits.observe(waitMs / 1_000);
  }

  transactionEnded({ durationMs, isCommitted }: { durationMs: number; isCommitted: boolean }): void {
    this.transactions.observe({ outcome: isCommitted ? 'committed' : 'failed' }, durationMs / 1_000);
  }

  /** What could not be read is left out of the text, rather than told as it was once. */
  setRead({ size, verify, risks }: ReadMetrics): void {
    this.databaseBytes.reset();
    this.driftRows.remove();
    this.verifiedAt.remove();
    this.risks.remove();
    if (risks) this.risks.set(risks.length);
    if (size) {
      this.databaseBytes.set({ part: 'data' }, size.dataBytes);
      if (size.logBytes !== undefined) this.databaseBytes.set({ part: 'log' }, size.logBytes);
    }
    if (verify) {
      this.driftRows.set(verify.driftRows);
      this.verifiedAt.set(verify.verifiedAtMs / 1_000);
    }
  }
}
