import { createWorld, registerNow, type World } from '../access/world';
import { pay, remove } from '../support/fixtures';
import { connect, type Seen, type Subscription } from '../support/live';
import { eventsChanged, reportChanged, staysSilent, updateCaregiver } from './subscriptions';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.api.close());

async function watch(role: 'CAREGIVER' | 'MANAGER' | 'ANALYST'): Promise<[Subscription, Subscription]> {
  const client = await connect(world.people[role]);
  const [report, events] = [client.subscribe(reportChanged), client.subscribe(eventsChanged)];
  await Promise.all([report.next(), events.next()]);
  return [report, events];
}

/** Whose events and rows are in an answer. */
function whose({ data }: Seen): string[] {
  const nodes = data.reportChanged?.rows.nodes ?? data.eventsChanged.nodes;
  return [
    ...new Set<string>(nodes.map(({ caregiver }: { caregiver: { id: string } }) => caregiver.id)),
  ].sort();
}

const idsOf = (...names: ('anna' | 'bo' | 'cleo')[]) => names.map((name) => world.caregivers[name]).sort();

test('caregivers are told of their own events, and neither woken by nor shown those of others', async () => {
  const [report, events] = await watch('CAREGIVER');
  await staysSilent(world.api, [report, events], async () => {
    for (const name of ['bo', 'cleo'] as const) {
      await remove(world.api, await registerNow(world, name));
      await pay(world.api, { eventIds: [await registerNow(world, name)] });
    }
    await updateCaregiver(world.api, world.caregivers.bo, { name: 'bo' });
  });
  const id = await registerNow(world, 'anna');
  const seen = await events.until((shown) =>
    shown.data.eventsChanged.nodes.some((node: { id: string }) => node.id === id),
  );
  expect(whose(seen)).toEqual(idsOf('anna'));
  expect(whose(await report.next())).toEqual(idsOf('anna'));
});

test('naming somebody else shows nothing of them, and does not wake either', async () => {
  const client = await connect(world.people.CAREGIVER);
  const filter = { caregiverIds: idsOf('bo', 'cleo') };
  const watching = [
    client.subscribe(reportChanged, { filter }),
    client.subscribe(eventsChanged, { filter }),
    client.subscribe(reportChanged, { filter: { unitIds: [world.units.south] } }),
  ];
  for (const subscription of watching) expect(whose(await subscription.next())).toEqual([]);
  await staysSilent(world.api, watching, async () => {
    for (const name of ['bo', 'cleo'] as const) await registerNow(world, name);
  });
});

test('managers are told of their unit, and neither woken by nor shown another one', async () => {
  const [report, events] = await watch('MANAGER');
  await staysSilent(world.api, [report, events], async () => {
    await registerNow(world, 'cleo');
    await updateCaregiver(world.api, world.caregivers.cleo, { name: 'cleo' });
  });
  for (const name of ['anna', 'bo'] as const) {
    const id = await registerNow(world, name);
    const seen = await events.until((shown) =>
      shown.data.eventsChanged.nodes.some((node: { id: string }) => node.id === id),
    );
    expect(whose(seen)).toEqual(idsOf('anna', 'bo'));
    expect(whose(await report.next())).toEqual(idsOf('anna', 'bo'));
  }
});

test('who moves into a unit comes into sight with all their events, and who moves away goes out of it', async () => {
  const [report, events] = await watch('MANAGER');
  const move = (unitId: string) => updateCaregiver(world.api, world.caregivers.cleo, { unitId });
  await move(world.units.north);
  for (const subscription of [report, events]) {
    await subscription.until((seen) => whose(seen).length === 3);
  }
  const id = await registerNow(world, 'cleo');
  await events.until((seen) => seen.data.eventsChanged.nodes.some((node: { id: string }) => node.id === id));

  await move(world.units.south);
  for (const subscription of [report, events]) {
    const seen = await subscription.until((shown) => whose(shown).length === 2);
    expect(whose(seen)).toEqual(idsOf('anna', 'bo'));
  }
  await staysSilent(world.api, [report, events], () => registerNow(world, 'cleo'));
});

test('two who ask the same and may not see the same are shown different things', async () => {
  const [[, ofCaregiver], [, ofManager], [, ofAnalyst]] = [
    await watch('CAREGIVER'),
    await watch('MANAGER'),
    await watch('ANALYST'),
  ];
  await registerNow(world, 'anna');
  expect(whose(await ofCaregiver.next())).toEqual(idsOf('anna'));
  expect(whose(await ofManager.next())).toEqual(idsOf('anna', 'bo'));
  expect(whose(await ofAnalyst.next())).toEqual(idsOf('anna', 'bo', 'cleo'));
});

test('a list of people or units that makes no sense is refused with its field', async () => {
  const client = await connect(world.people.ANALYST);
  const failures: [string, Record<string, unknown>, string][] = [
    [reportChanged, { filter: { caregiverIds: ['x'] } }, 'caregiverIds[0]'],
    [reportChanged, { filter: { fromMonth: '2026-02', toMonth: '2026-01' } }, 'toMonth'],
    [eventsChanged, { filter: { eventTypeIds: ['x'] } }, 'eventTypeIds[0]'],
    [eventsChanged, { filter: { from: '2026-02-01' } }, 'from'],
    [eventsChanged, { first: 1001 }, 'first'],
    [eventsChanged, { after: 'x' }, 'after'],
  ];
  for (const [query, variables, field] of failures) {
    const subscription = client.subscribe(query, variables);
    const { errors } = await subscription.next();
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', field } }]);
    await subscription.ended;
  }
});
