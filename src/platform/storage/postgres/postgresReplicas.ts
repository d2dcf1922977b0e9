import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import { OperatorError } from '../../errors';
import { count } from '../../values/count';
import type { Reader, ReplicaChange, StatementListener } from '../core/database';
import { driverErrorOf, isTroubleOfServer, Overtaken, translateFailure } from '../core/failures';
import { Snapshot } from '../core/transaction';
import { type Begin, PostgresConnection } from './postgresConnection';
import { PostgresServer } from './postgresServer';
import { inWords, openReplicaPool } from './postgresSource';

export interface ReplicaOptions {
  /** As in postgres://user:password@host:port/database. */
  url: string;
  /** The same without its password, for messages. */
  name: string;
}

/** How often every replica is asked whether it is well and how far it has come. */
const checkEveryMs = 2_000;
/** How long a start waits for replicas that lag by a moment: a command would have read the primary by then. */
const startPatienceMs = 500;
const startCheckEveryMs = 50;
/** Who reads a replica may see a state as old as this; one that lags further is left out. */
const lagLimitMs = 30_000;

/** What an instance asks a server about itself. */
interface About {
  /** Bytes of the log: written on the primary, replayed on a replica; null where nothing is replayed. */
  position: number | null;
  /** The same on a server and on all that are copied from it and follow it, and for one database of theirs. */
  identity: string;
  isStandby: boolean;
}

const identity = `(select system_identifier from pg_control_system()) || ' '
  || (select oid from pg_database where datname = current_database())`;
const aboutPrimary = `select pg_current_wal_lsn() - '0/0'::pg_lsn as position, ${identity} as identity`;
const aboutReplica = `select pg_last_wal_replay_lsn() - '0/0'::pg_lsn as position, ${identity} as identity,
  pg_is_in_recovery() as "isStandby"`;

/** How transactions that read begin. */
export interface ReadingBegins {
  short: Begin;
  long: Begin;
}

/**
 * The replicas of a database. One is used while it answers, follows this primary, and has replayed what the primary had
 * written half a minute ago; so it has the tables and the calendar that this instance found when it started. Every other
 * one is left out, and asked again every two seconds.
 */
export class Replicas {
  private readonly positions = new PrimaryPositions();
  private readonly listeners: ((change: ReplicaChange) => void)[] = [];
  private readonly replicas: Replica[];
  private checking: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;
  private turn = 0;

  private constructor(
    private readonly primary: PostgresServer,
    private readonly begins: ReadingBegins,
    options: readonly ReplicaOptions[],
    onStatement: StatementListener | undefined,
  ) {
    const tell = (change: ReplicaChange) => {
      for (const listener of this.listeners) listener(change);
    };
    this.replicas = options.map((each) => new Replica(each, onStatement, tell));
  }

  /**
   * Asks every replica once. What may pass by itself does not hinder the start: a replica that is down, full or far behind.
   * @throws OperatorError for a replica that only an operator can mend: a wrong password, or no replica of this primary
   */
  static async open(
    primary: PostgresServer,
    begins: ReadingBegins,
    options: readonly ReplicaOptions[],
    onStatement: StatementListener | undefined,
  ): Promise<Replicas> {
    const replicas = new Replicas(primary, begins, options, onStatement);
    if (options.length === 0) return replicas;
    await replicas.checkAtStart();
    const refusal = replicas.replicas.map((replica) => replica.refusal).find((each) => each !== undefined);
    if (refusal) {
      await replicas.close();
      throw refusal;
    }
    replicas.checkAgain();
    return replicas;
  }

  /** Reads a replica, the next one in turn, and the primary once that one fails. */
  reader(primary: Reader, limitLong: <Value>(read: () => Promise<Value>) => Promise<Value>): Reader {
    if (this.replicas.length === 0) return primary;
    return new ReplicaReader(() => this.next(), this.begins, primary, limitLong);
  }

  watch(listener: (change: ReplicaChange) => void): void {
    this.listeners.push(listener);
    for (const replica of this.replicas) if (!replica.isUsed) listener(replica.state());
  }

  async close(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    await this.checking;
    clearTimeout(this.timer);
    await Promise.all(this.replicas.map((replica) => replica.close()));
  }

  private next(): Replica | undefined {
    const used = this.replicas.filter((replica) => replica.isUsed);
    this.turn += 1;
    return used[this.turn % used.length];
  }

  private checkAgain(): void {
    this.timer = setTimeout(() => {
      this.checking = this.check();
      this.checking.then(() => this.timer && this.checkAgain());
    }, checkEveryMs).unref();
  }

  /** Never rejects: what fails is what the replica is left out for. */
  private async check(): Promise<void> {
    await this.positions.ask(this.primary, this.begins.short);
    await this.checkEach(this.replicas);
  }

  private async checkAtStart(): Promise<void> {
    await this.check();
    for (const giveUpMs = performance.now() + startPatienceMs; performance.now() < giveUpMs; ) {
      const behind = this.replicas.filter((replica) => replica.isBehind);
      if (behind.length === 0) return;
      await sleep(startCheckEveryMs);
      await this.checkEach(behind);
    }
  }

  private async checkEach(replicas: readonly Replica[]): Promise<void> {
    await Promise.all(replicas.map((replica) => replica.check(this.begins.short, this.positions)));
  }
}

/** Where the primary's log was lately. */
class PrimaryPositions {
  /** Which database it is; undefined as long as it has not told. */
  identity: string | undefined;
  /** Why it did not, the last time. */
  problem: string | undefined;
  private known: { atMs: number; position: number }[] = [];

  /** While the primary does not answer, what it said before remains: replicas may be read on. */
  async ask(primary: PostgresServer, begin: Begin): Promise<void> {
    const atMs = performance.now();
    try {
      const [about] = await primary.readAtOnce(begin, (connection) =>
        connection.query<About>(aboutPrimary, []),
      );
      const { position, identity } = about as About;
      this.identity = identity;
      this.known = this.known.filter((each) => atMs - each.atMs <= lagLimitMs);
      this.known.push({ atMs, position: position as number });
      this.problem = undefined;
    } catch (error) {
      this.problem = String(driverErrorOf(error)?.message);
    }
  }

  /**
   * When the primary was last known to be no further than this, by a clock that nobody sets: whoever has come so far has
   * all that was committed before. Undefined where that is longer ago than the limit.
   */
  lastAtMs(position: number): number | undefined {
    return this.known.findLast((each) => each.position <= position)?.atMs;
  }
}

class Replica {
  isUsed = false;
  /** It is well, and has not come far enough. */
  isBehind = false;
  /** Why it cannot be used before an operator has done something. */
  refusal: OperatorError | undefined;
  readonly server: PostgresServer;
  /** What was committed before this it has, as far as is known; it never goes back. */
  private hasAllUntilMs = Number.NEGATIVE_INFINITY;
  private reason: string | undefined;
  private readonly pool: Pool;

  constructor(
    private readonly options: ReplicaOptions,
    onStatement: StatementListener | undefined,
    private readonly tell: (change: ReplicaChange) => void,
  ) {
    this.pool = openReplicaPool(options.url);
    this.server = new PostgresServer(options.url, (pulse) =>
      PostgresConnection.ofPool(this.pool, pulse, onStatement),
    );
  }

  ageMs(): number {
    return Math.ceil(performance.now() - this.hasAllUntilMs);
  }

  state(): ReplicaChange {
    const { isUsed, reason } = this;
    return { replica: this.options.name, isUsed, ...(reason !== undefined && { reason }) };
  }

  async check({ first, takeFirst, ...begin }: Begin, positions: PrimaryPositions): Promise<void> {
    this.refusal = undefined;
    this.isBehind = false;
    try {
      const problem = await this.server.readAtOnce(begin, async (connection) => {
        const [about] = await connection.query<About>(aboutReplica, []);
        const problem = this.problemOf(about as About, positions);
        // Asked of this primary's replicas only: another database need not have the table that is read, and would be
        // taken for one that lags.
        if (problem === undefined && first) takeFirst?.(await connection.query(first, []));
        return problem;
      });
      this.set(problem);
    } catch (error) {
      this.leaveOut(error);
    }
  }

  /** It failed somebody: nobody else shall try, until it has answered the next check. */
  leaveOut(error: unknown): void {
    // It has not replayed yet what this instance has looked at, or not even the table that tells.
    this.isBehind = error instanceof Overtaken || driverErrorOf(error)?.code === '42P01';
    const { code = '', message } = driverErrorOf(error) ?? { message: String(error) };
    const { name } = this.options;
    if (/^(28|3D000)/.test(code)) {
      this.refusal = inWords(error, name, 'DATABASE_REPLICA_URLS') as OperatorError;
    }
    this.set(`${code} ${message}`.trim());
  }

  async close(): Promise<void> {
    await this.pool.end();
    this.server.close();
  }

  private problemOf(
    { position, identity, isStandby }: About,
    positions: PrimaryPositions,
  ): string | undefined {
    if (positions.identity === undefined)
      return `the primary does not tell how far it is: ${positions.problem}`;
    if (identity !== positions.identity) {
      const { name } = this.options;
      this.refusal = new OperatorError(
        `The database ${name} is no replica of DATABASE_URL, but another one. Check DATABASE_REPLICA_URLS.`,
      );
      return 'it is no replica of DATABASE_URL';
    }
    // The primary itself, or a replica that has become one and follows nobody.
    if (!isStandby) return 'it takes writes, and follows no primary';
    const hasAllUntilMs = position === null ? undefined : positions.lastAtMs(position);
    this.hasAllUntilMs = hasAllUntilMs ?? this.hasAllUntilMs;
    if (hasAllUntilMs === undefined) {
      this.isBehind = true;
      return `it lags behind the primary by more than ${count(lagLimitMs / 1_000, 'second')}`;
    }
    return undefined;
  }

  private set(problem: string | undefined): void {
    const isUsed = problem === undefined;
    const changed = isUsed !== this.isUsed || problem !== this.reason;
    this.isUsed = isUsed;
    this.reason = problem;
    if (changed) this.tell(this.state());
  }
}

/** The reader of one request: one replica for all it reads, and the primary from that replica's first failure on. */
class ReplicaReader implements Reader {
  private chosen: { replica: Replica | undefined } | undefined;

  constructor(
    private readonly choose: () => Replica | undefined,
    private readonly begins: ReadingBegins,
    private readonly primary: Reader,
    private readonly limitLong: <Value>(read: () => Promise<Value>) => Promise<Value>,
  ) {}

  async read<Value>(work: (snapshot: Snapshot) => Promise<Value>): Promise<Value> {
    const replica = this.replica();
    if (!replica) return this.primary.read(work);
    try {
      return await replica.server.read(this.begins.short, (connection) => work(new Snapshot(connection)));
    } catch (error) {
      if (!isTroubleOfServer(error)) throw translateFailure(error);
      this.giveUp(replica, error);
      return this.primary.read(work);
    }
  }

  async readLong<Value>(work: (snapshot: Snapshot) => Promise<Value>): Promise<Value> {
    const replica = this.replica();
    if (!replica) return this.primary.readLong(work);
    let hasRead = false;
    try {
      return await this.limitLong(() =>
        replica.server.readAtOnce(this.begins.long, async (connection) => {
          try {
            return await work(new Snapshot(connection));
          } finally {
            hasRead = connection.answers > 0;
          }
        }),
      );
    } catch (error) {
      if (!isTroubleOfServer(error)) throw translateFailure(error);
      this.giveUp(replica, error);
      if (hasRead) throw translateFailure(error);
      return this.primary.readLong(work);
    }
  }

  /** Once it is given up, the primary is read, which has more. */
  ageMs(): number {
    return this.replica()?.ageMs() ?? 0;
  }

  /** From now on the primary, whose state is never older than what was read before. */
  private giveUp(replica: Replica, error: unknown): void {
    this.chosen = { replica: undefined };
    // A conflict with what it replays is the fate of one read; the replica is well.
    if (!/^40/.test(driverErrorOf(error)?.code ?? '')) replica.leaveOut(error);
  }

  private replica(): Replica | undefined {
    this.chosen ??= { replica: this.choose() };
    const { replica } = this.chosen;
    if (replica && !replica.isUsed) this.chosen = { replica: undefined };
    return this.chosen.replica;
  }
}
