/**
 * Where the rows of each table lie once `migrate --citus` has put a database on a cluster. Every table stands here: one
 * that is forgotten would stay whole on one node, and Citus would refuse to join it with the others.
 *
 * - distributed: each row on the node of its caregiver, so that a caregiver's events and rollups lie together and what
 *   belongs to one caregiver is added, sorted and summed up on one node;
 * - reference: whole on every node, for small tables that the others are joined with;
 * - local: on the coordinator alone, for what only this program reads.
 *
 * In the order in which they are put there: a table behind those that it refers to.
 */
export const placements = {
  setting: 'reference',
  calendar_month: 'reference',
  unit: 'reference',
  caregiver: 'reference',
  event_type: 'reference',
  payout: 'reference',
  revoked_token: 'reference',
  event: 'distributed',
  monthly_rollup: 'distributed',
  payout_rollup: 'distributed',
  // Their triggers refuse changes, and Citus takes no triggers on tables that it distributes.
  audit_log: 'local',
  audit_personal: 'local',
  reliance: 'local',
  migration: 'local',
} as const satisfies Record<string, Placement>;

export type Placement = 'distributed' | 'reference' | 'local';

/** Where a table's rows lie; undefined for one that is not ours. */
export function placementOf(table: string): Placement | undefined {
  return new Map<string, Placement>(Object.entries(placements)).get(table);
}

/** What distributed tables are distributed by. */
export const distributionColumn = 'caregiver_id';

/**
 * A unique key without the distribution column. Citus refuses it, for a node knows its own rows only: there the values
 * that are taken stand in a table of their own, distributed by them, which rows go into first. Beside each stands the
 * distribution column of its row, so that one node has to be asked for it and not all.
 */
export interface KeyRegistry {
  /** The registry's table; it exists on clusters alone, which are known by it. */
  readonly registry: string;
  /** The unique column: a UUID. */
  readonly key: string;
  /** The unique index that the registry stands for; on a cluster it is there to look up, and no more unique. */
  readonly index: string;
}

export const keyRegistries: Readonly<Record<string, KeyRegistry>> = {
  event: { registry: 'event_id_taken', key: 'id', index: 'event_id' },
};
