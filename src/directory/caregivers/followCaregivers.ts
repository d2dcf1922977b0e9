import sql, { join, type Sql } from 'sql-template-tag';
import type { Changes } from '../../platform/storage/core/changes';
import type { Database } from '../../platform/storage/core/database';
import { listOf } from '../../platform/storage/core/dialect';
import type { Chosen } from '../scope';

/** Whether a caregiver is among those looked at. By undefined, which a shortened key begins with, all are meant. */
export type IsAmong = (caregiverId: unknown) => boolean;

/** Whether changes touch what somebody looks at. */
export type Touches = (changes: Changes, isAmong: IsAmong) => boolean;

/**
 * Follows what is committed about some caregivers. Who is looked at by their unit is looked at as long as they belong to it:
 * moving there or away concerns, too, and what happens to all others wakes nobody.
 * @param chosen what `narrow` has made of a scope and a wish
 */
export function followCaregivers(
  database: Database,
  chosen: Chosen,
  touches: Touches,
): AsyncIterableIterator<Changes> {
  const concernsAnybody = (changes: Changes, isAmong: IsAmong) =>
    touches(changes, isAmong) || changes.keysOf('caregiver').some(([id]) => isAmong(id));
  if (chosen.unitIds) return new FollowingUnits(database, chosen, concernsAnybody);
  const isAmong = amongThese(chosen.caregiverIds && new Set(chosen.caregiverIds));
  return database.followChanges((changes) => concernsAnybody(changes, isAmong));
}

/** An iterator made by hand, as the one that it reads, so that it can be returned from while it waits. */
class FollowingUnits implements AsyncIterableIterator<Changes> {
  private readonly follower: AsyncIterableIterator<Changes>;
  /** Those who belong to the units; everybody while that is not known. */
  private members: ReadonlySet<unknown> | undefined;

  constructor(
    private readonly database: Database,
    private readonly chosen: Chosen,
    private readonly touches: Touches,
  ) {
    this.follower = database.followChanges(
      (changes) => changes.keysOf('caregiver').length > 0 || touches(changes, amongThese(this.members)),
    );
  }

  async next(): Promise<IteratorResult<Changes>> {
    for (;;) {
      const item = await this.follower.next();
      if (item.done || (await this.concern(item.value))) return item;
    }
  }

  async return(): Promise<IteratorResult<Changes>> {
    await this.follower.return?.();
    return { value: undefined, done: true };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Of somebody who has moved, the one who has lost them must hear as well as the one who has got them. */
  private async concern(changes: Changes): Promise<boolean> {
    const before = this.members;
    if (before === undefined || changes.keysOf('caregiver').length > 0) await this.readMembers();
    return this.touches(changes, amongThese(before)) || this.touches(changes, amongThese(this.members));
  }

  /** Where they cannot be read just now, everything concerns until they can. */
  private async readMembers(): Promise<void> {
    try {
      const rows = await this.database.read((snapshot) => snapshot.all<{ id: number }>(members(this.chosen)));
      this.members = new Set(rows.map(({ id }) => id));
    } catch {
      this.members = undefined;
    }
  }
}

function amongThese(ids: ReadonlySet<unknown> | undefined): IsAmong {
  return (caregiverId) => ids === undefined || caregiverId === undefined || ids.has(caregiverId);
}

function members({ caregiverIds, unitIds }: Chosen): Sql {
  const conditions = [
    unitIds && sql`unit_id in ${listOf(unitIds)}`,
    caregiverIds && sql`id in ${listOf(caregiverIds)}`,
  ].filter((condition) => condition !== undefined);
  return sql`select id from caregiver where ${join(conditions, ' and ')}`;
}
