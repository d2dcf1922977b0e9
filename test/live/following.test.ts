import type { Scope } from '../../src/platform/access/scope';
import type { Changes } from '../../src/platform/storage/core/changes';
import { followEvents } from '../../src/reimbursements/events/followEvents';
import { followReport } from '../../src/reimbursements/reports/followReport';
import { createWorld, registerNow, type World } from '../access/world';
import { isAnything, told } from '../support/follow';
import { updateCaregiver } from './subscriptions';

/** A live client is not shown again what says the same as before; here it shows whether anything was read for it at all. */
describe('following', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld();
  });
  afterAll(() => world.api.close());

  const range = { fromMs: null, toMs: null };
  const own = (): Scope => ({ kind: 'caregiver', id: Number(world.caregivers.anna) });
  const unit = (): Scope => ({ kind: 'unit', id: Number(world.units.north) });
  const report = (scope: Scope) =>
    followReport(world.api.service.database, { scope, range }, world.api.service.calendar);
  const events = (scope: Scope) => followEvents(world.api.service.database, { scope, range });

  async function next(following: AsyncIterableIterator<Changes>): Promise<Changes> {
    const { value, done } = await following.next();
    if (done) throw new Error('it has ended');
    return value;
  }

  /** The caregivers whom changes name. */
  function named(changes: Changes): number[] {
    const { caregiver = [], event = [], monthly_rollup: sums = [] } = told(changes);
    return [...new Set([...caregiver, ...event, ...sums].map(([id]) => Number(id)))];
  }

  test.each([
    ['a report of oneself', report, own],
    ['a report of a unit', report, unit],
    ['the events of oneself', events, own],
    ['the events of a unit', events, unit],
  ])('%s is not woken by what happens to others', async (_what, follow, scope) => {
    const following = follow(scope());
    expect(isAnything(await next(following))).toBe(true);
    const woken = next(following);
    await registerNow(world, 'cleo');
    await updateCaregiver(world.api, world.caregivers.cleo, { name: 'cleo' });
    await registerNow(world, 'anna');
    expect(named(await woken)).toEqual([Number(world.caregivers.anna)]);
    await following.return?.();
  });

  test.each([
    ['a report', report],
    ['the events', events],
  ])('%s of a unit is woken when somebody moves there, and when they move away', async (_what, follow) => {
    const following = follow(unit());
    await next(following);
    for (const unitId of [world.units.north, world.units.south]) {
      const woken = next(following);
      await updateCaregiver(world.api, world.caregivers.cleo, { unitId });
      expect(named(await woken)).toEqual([Number(world.caregivers.cleo)]);
    }
    await following.return?.();
  });

  test.each([
    ['oneself', own],
    ['a unit', unit],
  ])('%s ends at once when it is stopped, also while it waits', async (_whom, scope) => {
    const following = events(scope());
    await next(following);
    const waiting = following.next();
    await following.return?.();
    expect((await waiting).done).toBe(true);
  });
});
