import sql from 'sql-template-tag';
import { NotServing, Overtaken } from './failures';
import type { Snapshot, Transaction } from './transaction';

/** Looks whether a service can go on with what the database says. What it throws says why not. */
export type Check = (snapshot: Snapshot) => Promise<void>;

export interface VersionRow {
  version: number;
}

/**
 * To be called by whoever changes what services check once and rely on from then on: the calendar, for example. Every
 * service looks again before it reads or writes anything more.
 */
export async function tellReliant(tx: Transaction): Promise<void> {
  await tx.run(sql`update reliance set version = version + 1`);
}

/**
 * What a service has checked and relies on, so that it need not look each time: that has a version in the database, which
 * every transaction compares with the one that was checked.
 */
export class Reliance {
  /** What every transaction asks first; {@link require} takes the answer. */
  static readonly question = 'select version from reliance';

  private readonly checks: Check[] = [];
  private version: number | undefined;
  private renewing: Promise<void> | undefined;

  /** @param read reads without asking for the version */
  constructor(
    private readonly read: <Value>(work: (snapshot: Snapshot) => Promise<Value>) => Promise<Value>,
  ) {}

  /** Whether anything was checked that must stay as it is. */
  get isAny(): boolean {
    return this.version !== undefined;
  }

  /** Checks now, and again whenever something has changed. Throws what the check throws. */
  async add(check: Check): Promise<void> {
    this.checks.push(check);
    await this.look();
  }

  /** @throws Overtaken */
  require([found]: readonly VersionRow[]): void {
    if (this.version !== undefined && found?.version !== this.version) {
      throw new Overtaken(`version ${found?.version} in place of ${this.version}`);
    }
  }

  /** Reads; where something has changed, takes that up and reads once more. */
  async whileReading<Value>(read: () => Promise<Value>): Promise<Value> {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof Overtaken)) throw error;
      await this.renew();
      return read();
    }
  }

  /**
   * Writes; where something has changed, takes that up and refuses all the same, for what is to be written was looked at
   * with what held before.
   */
  async whileWriting<Value>(write: () => Promise<Value>): Promise<Value> {
    try {
      return await write();
    } catch (error) {
      if (!(error instanceof Overtaken)) throw error;
      await this.renew();
      throw new NotServing(
        'What this service relies on, such as its calendar, was changed in the database just now, and the service has taken ' +
          'it up. Nothing was done; send this again.',
        'What the service relies on was changed in the database just now.',
      );
    }
  }

  /** One look for all who are overtaken at the same time. */
  private renew(): Promise<void> {
    this.renewing ??= this.look()
      .catch((cause: unknown) => {
        throw causedBy(cause);
      })
      .finally(() => {
        this.renewing = undefined;
      });
    return this.renewing;
  }

  private async look(): Promise<void> {
    this.version = await this.read(async (snapshot) => {
      const found = await snapshot.one<VersionRow>(sql`select version from reliance`);
      for (const check of this.checks) await check(snapshot);
      return found?.version;
    });
  }
}

/** What an operator is told to do stands in the log: clients are told what it means for them. */
function causedBy(cause: unknown): unknown {
  if (!(cause instanceof Error) || cause.name !== 'OperatorError') return cause;
  const reason =
    'The database was changed in a way that this service cannot take up while it runs, such as to another time zone.';
  const failure = new NotServing(
    `${reason} Nothing was done; whoever runs the service must start it anew.`,
    reason,
  );
  failure.cause = cause;
  return failure;
}
