import { isLost, Unreached } from '../core/failures';
import { inTurn } from '../core/inTurn';
import type { Begin, PostgresConnection } from './postgresConnection';
import { isAlive } from './postgresSource';
import { Pulse } from './pulse';

/** Reads at the same time, of an instance on a server. */
const readers = 8;

/** Takes a connection from the server's pool. */
export type TakeConnection = (pulse: Pulse) => Promise<PostgresConnection>;

/**
 * A PostgreSQL server, as transactions use it: each takes a connection from the pool and gives it back, so that one that
 * broke is not met again.
 */
export class PostgresServer {
  private readonly pulse: Pulse;
  private readonly withReader = inTurn(Array.from({ length: readers }, (_, index) => index));
  /** When somebody last tried to reach the server, and got no answer. */
  private unreachedAtMs = Number.NEGATIVE_INFINITY;

  constructor(
    url: string,
    private readonly take: TakeConnection,
  ) {
    this.pulse = new Pulse(() => isAlive(url));
  }

  /**
   * Runs work between begin and commit.
   * @throws CommitUnanswered when nobody knows whether it was committed; in all other cases nothing of it is left
   */
  async write<Value>(begin: Begin, work: (connection: PostgresConnection) => Promise<Value>): Promise<Value> {
    const connection = await this.begin(begin);
    try {
      begin.takeFirst?.(connection.firstRows);
      const value = await work(connection);
      await connection.commit();
      connection.close();
      return value;
    } catch (error) {
      await connection.abandon(error);
      throw error;
    }
  }

  /** Reads between begin and rollback, when it is this reader's turn. */
  read<Value>(begin: Begin, work: (connection: PostgresConnection) => Promise<Value>): Promise<Value> {
    const askedAtMs = performance.now();
    return this.withReader(() => {
      // One try takes seconds where nobody answers; those who wait in line meanwhile shall not add theirs to it.
      if (this.unreachedAtMs > askedAtMs) throw new Unreached('others have tried');
      return this.readAtOnce(begin, work);
    });
  }

  /** Reads without waiting for a turn: for the few that have a limit of their own. */
  async readAtOnce<Value>(
    begin: Begin,
    work: (connection: PostgresConnection) => Promise<Value>,
  ): Promise<Value> {
    const connection = await this.begin(begin);
    try {
      begin.takeFirst?.(connection.firstRows);
      const value = await work(connection);
      await connection.abandon();
      return value;
    } catch (error) {
      await connection.abandon(error);
      throw error;
    }
  }

  /** To be called when the pool is closed. */
  close(): void {
    this.pulse.stop();
  }

  /** A connection that broke while it lay in the pool is found out here, before anything was done: the next one is taken. */
  private async begin(begin: Begin, attemptsLeft = readers): Promise<PostgresConnection> {
    const connection = await this.take(this.pulse).catch((error: unknown) => {
      throw this.remember(error);
    });
    try {
      await connection.begin(begin);
      return connection;
    } catch (error) {
      connection.destroy();
      if (connection.isBrokenOff) throw this.remember(new Unreached(error));
      if (attemptsLeft === 0 || !isLost(error)) throw error;
      return this.begin(begin, attemptsLeft - 1);
    }
  }

  private remember(error: unknown): unknown {
    if (error instanceof Unreached) this.unreachedAtMs = performance.now();
    return error;
  }
}
