import type { Command as Program } from 'commander';
import type { FastifyInstance } from 'fastify';
import type { AccessRows, AccessTable, Row } from './access/roles';
import type { Subject } from './access/scope';
import type { AuditWords } from './audit/auditWords';
import type { Rollup } from './rollup/rollup';
import { rollupTable } from './rollup/rollupTable';
import type { Memory } from './server/limits/memory';
import type { Service } from './service';
import type { Database } from './storage/core/database';
import type { Migration } from './storage/core/ownTables';
import type { Check } from './storage/core/reliance';
import type { Table } from './storage/core/table';
import type { Transaction } from './storage/core/transaction';

/**
 * One part of the product, made in the `index.ts` of its folder. What the platform does for all of them it does by folding
 * over their list in `subsystems.ts`; nothing else names them.
 */
export interface Subsystem {
  readonly name: string;
  /** TypeORM's declarations of its tables, for those that are read and written one row at a time. */
  readonly entities?: readonly (new () => object)[];
  /** In the order in which they run: those of all subsystems run in the order of the times in their names. */
  readonly migrations?: readonly Migration[];
  /** Every table, in the order in which they refer to one another. */
  readonly tables?: readonly Table[];
  readonly rollups?: readonly Rollup[];
  /** Who may do what. */
  readonly access?: AccessRows<string, string>;
  /** What the audit log may say of it. */
  readonly audit?: AuditWords<string, string>;
  /** Mutations whose bodies may be as long as `MAX_BATCH_BODY_BYTES` allows. */
  readonly largeBodies?: readonly string[];
  /** Puts into a database what must be there before anything is relied on. Several processes may do so at once. */
  prepare?(database: Database): Promise<void>;
  /** What must stay as it is while the service runs. */
  readonly relies?: readonly Check[];
  /**
   * Fills a database that is empty with made-up data, where somebody tries the service without having named one.
   * @returns what there is now, for people; undefined where there is nothing made up
   */
  loadSample?(service: Service): Promise<string | undefined>;
  /**
   * Erases what it holds about a person, beside the row that the person is.
   * @param subject one of a kind that it does not know is none of its business
   * @returns how many rows had something, by a name for them
   */
  erase?(tx: Transaction, subject: Subject): Promise<Record<string, number>>;
  /** Adds its commands to the program `caretally`. */
  addCommands?(program: Program, subsystems: readonly Subsystem[]): void;
  /** What only the service needs, loaded when it starts: GraphQL takes longer to load than most commands take to run. */
  loadServerParts?(): ServerParts;
}

export interface ServerParts {
  /** Classes of type-graphql. */
  readonly resolvers?: readonly (abstract new () => object)[];
  /** Adds routes; each has a row in {@link Subsystem.access}. */
  addRoutes?(server: FastifyInstance, service: Service, memory: Memory): void;
}

/** The migrations of all, by the times that their names end with. */
export function migrationsOf(subsystems: readonly Subsystem[]): readonly Migration[] {
  const timeOf = ({ name }: Migration) => Number(/\d+$/.exec(name)?.[0]);
  return subsystems
    .flatMap(({ migrations = [] }) => migrations)
    .sort((left, right) => timeOf(left) - timeOf(right));
}

export function rollupsOf(subsystems: readonly Subsystem[]): readonly Rollup[] {
  return subsystems.flatMap(({ rollups = [] }) => rollups);
}

/** Every table that is copied and checked, each behind those that it refers to. */
export function tablesOf(subsystems: readonly Subsystem[]): readonly Table[] {
  return [...subsystems.flatMap(({ tables = [] }) => tables), ...rollupsOf(subsystems).map(rollupTable)];
}

/** Who may do what, with everything that there is. */
export function accessTableOf(subsystems: readonly Subsystem[]): AccessTable {
  const rows = subsystems.flatMap(({ access }) => (access ? Object.entries<Row>(access.rows) : []));
  const table = new Map(rows);
  if (table.size < rows.length) throw new Error('an operation has several rows in the tables of roles');
  return table;
}
