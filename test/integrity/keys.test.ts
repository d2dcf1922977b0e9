import { randomUUID } from 'node:crypto';
import sql, { type Sql } from 'sql-template-tag';
import { doublesOf, lostOf, referencesOf, uniqueKeysOf } from '../../src/platform/integrity/checkKeys';
import { tablesOf } from '../../src/platform/subsystem';
import { subsystems } from '../../src/subsystems';
import { runCaretally } from '../support/cli';
import { newDatabase } from '../support/databases';
import {
  createCaregiver,
  createEventType,
  createUnit,
  noon,
  noonMs,
  register,
  select,
  tamper,
} from '../support/fixtures';
import { startTestService, type TestService } from '../support/testService';

/** Runs statements on a database, and verifies it. */
async function verifyAfter(damage: (api: TestService, id: string) => Promise<void>, ...options: string[]) {
  const database = newDatabase();
  await database.create();
  const api = await startTestService({ database });
  api.setNow(noonMs);
  const id = randomUUID();
  await register(api, {
    id,
    caregiverId: await createCaregiver(api, { unitId: await createUnit(api) }),
    eventTypeId: await createEventType(api),
    occurredAt: noon,
  });
  await damage(api, id);
  await api.close();
  const { exitCode, output, errors } = await runCaretally(database, ['verify', '--json', ...options]);
  await database.drop();
  const { integrity, ...found } = JSON.parse(output);
  return { exitCode, ...found, ...integrity, hasStack: /\n\s+at /.test(errors) };
}

const doubled = sql`
  insert into event (caregiver_id, occurred_at_ms, id, event_type_id, amount, currency, registered_at_ms)
  select caregiver_id, occurred_at_ms + 1, id, event_type_id, amount, currency, registered_at_ms from event`;

test('verify finds nothing where nothing is wrong, with the quick check and the whole one', async () => {
  for (const options of [[], ['--quick']]) {
    const found = await verifyAfter(async () => undefined, ...options);
    expect(found).toMatchObject({ exitCode: 0, problems: [], problemCount: 0, driftCount: 0 });
  }
});

test('an id that two events have is found, without the index that should have kept the second out', async () => {
  let eventId = '';
  const found = await verifyAfter(async (api, id) => {
    eventId = id;
    await tamper(api, sql`drop index event_id`, doubled);
  });
  expect(found).toMatchObject({
    exitCode: 1,
    problems: [`event {"id":"${eventId}"}: 2 rows have this key, and only one may.`],
    hasStack: false,
  });
});

test.each<[string, Sql, string]>([
  [
    'caregiver',
    sql`caregiver_id = 4711`,
    'event.caregiver_id is 4711 in 1 row, and caregiver has no such row.',
  ],
  [
    'event type',
    sql`event_type_id = 4711`,
    'event.event_type_id is 4711 in 1 row, and event_type has no such row.',
  ],
  ['payout', sql`payout_id = 4711`, 'event.payout_id is 4711 in 1 row, and payout has no such row.'],
])('an event of a %s that there is not is found', async (_what, change, sentence) => {
  const found = await verifyAfter((api) => tamper(api, sql`update event set ${change}`));
  expect(found.exitCode).toBe(1);
  expect(found.problems).toEqual([sentence]);
});

test('the tables are asked, and no index', async () => {
  const api = await startTestService();
  const tables = tablesOf(subsystems);
  const statements = [
    ...uniqueKeysOf(tables).map(({ table, columns }) => doublesOf(table, columns, testEngine as 'sqlite')),
    ...referencesOf(tables).map((reference) => lostOf(reference, testEngine as 'sqlite')),
  ];
  expect(statements.length).toBeGreaterThan(20);
  const plans: string[] = [];
  for (const statement of statements) {
    if (testEngine === 'sqlite') {
      const steps = await select<{ detail: string }>(api, sql`explain query plan ${statement}`);
      plans.push(...steps.map(({ detail }) => detail));
    } else {
      const rows = await api.service.database.read(async (snapshot) => {
        await snapshot.all(sql`select set_config('enable_indexscan', 'off', true),
          set_config('enable_indexonlyscan', 'off', true), set_config('enable_bitmapscan', 'off', true)`);
        return snapshot.all<{ 'QUERY PLAN': string }>(sql`explain ${statement}`);
      });
      plans.push(...rows.map((row) => row['QUERY PLAN']));
    }
  }
  const table = /^(SCAN|SEARCH) \w+( USING (INTEGER )?PRIMARY KEY .*)?( LEFT-JOIN)?$/;
  const scans = plans.filter((step) => /SCAN|SEARCH|Scan/.test(step) && !/SUBQUERY/.test(step));
  expect(scans.length).toBeGreaterThan(20);
  expect(
    scans.filter((step) => (testEngine === 'sqlite' ? !table.test(step) : /Index|Bitmap/.test(step))),
  ).toEqual([]);
  await api.close();
});
