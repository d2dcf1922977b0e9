import sql from 'sql-template-tag';
import { actOfOperator } from '../../src/platform/audit/act';
import { replaceCalendar } from '../../src/platform/calendar/calendarTable';
import { createCalendar } from '../../src/platform/values/months';
import { runCaretally } from '../support/cli';
import { databaseForTests, runOn } from '../support/databases';
import {
  createCaregiver,
  createEventType,
  findDrift,
  noon,
  noonMs,
  readReport,
  register,
  registerEvent,
  reimburseEvents,
  select,
} from '../support/fixtures';
import { startTestService, type TestService } from '../support/testService';

/** Commands are processes of their own. */
jest.setTimeout(180_000);

const database = databaseForTests();
const home = 'Europe/Stockholm';
let api: TestService;
let input: { caregiverId: string; eventTypeId: string; occurredAt: string; lateReason: string };
beforeAll(async () => {
  api = await startTestService({ database });
  api.setNow(noonMs);
  input = {
    caregiverId: await createCaregiver(api),
    eventTypeId: await createEventType(api),
    // March in Stockholm, and February in New York.
    occurredAt: '2026-03-01T00:30:00+01:00',
    lateReason: 'entered later',
  };
});
afterAll(() => api.close());

const rebuild = (timeZone: string) => runCaretally(database, ['rebuild'], { TIME_ZONE: timeZone });
const verify = (timeZone: string) => runCaretally(database, ['verify'], { TIME_ZONE: timeZone });
const ready = async () => {
  const response = await api.server.inject({ method: 'GET', url: '/health/ready' });
  return [response.statusCode, response.json()];
};
/** Other processes as it were. They stay open: closing a SQLite file takes away the locks that a process has on it. */
const others: TestService[] = [];
afterAll(() => Promise.all(others.map((other) => other.close())));
async function replace(timeZone: string, rebuildPending: boolean): Promise<void> {
  const other = await startTestService({ database, allowOutdatedCalendar: true });
  others.push(other);
  const calendar = createCalendar(timeZone);
  const act = actOfOperator(api.service);
  await other.service.database.write(replaceCalendar, [{ calendar, rebuildPending, act }]);
}

const operations: [string, string, () => object][] = [
  ['registers nothing', registerEvent, () => ({ input })],
  [
    'pays nothing',
    reimburseEvents,
    () => ({ input: { caregiverIds: [input.caregiverId], toMonth: '2026-03' } }),
  ],
  ['reports nothing', '{ report { months { month total { events } } } }', () => ({})],
  ['lists nothing', '{ events { nodes { month } } }', () => ({})],
];

describe('a service whose database counts months in another zone by now', () => {
  beforeAll(async () => {
    await register(api, input);
    expect(await rebuild('America/New_York')).toMatchObject({ exitCode: 0, errors: '' });
  });

  test.each(operations)('%s', async (_what, operation, variables) => {
    for (let count = 0; count < 2; count += 1) {
      const answer = await api.ask(operation, variables() as Record<string, unknown>);
      expect(answer).toMatchObject({ status: 503, errors: [{ extensions: { code: 'UNAVAILABLE' } }] });
      expect(answer.errors?.[0]?.message).toMatch(/to another time zone\. Nothing was done/);
    }
  });

  test('is not ready, and nothing was counted in the wrong month', async () => {
    expect(await ready()).toEqual([
      503,
      {
        status: 'unavailable',
        failed: 'database',
        reason:
          'The database was changed in a way that this service cannot take up while it runs, such as to another time zone.',
      },
    ]);
    expect(await verify('America/New_York')).toMatchObject({ exitCode: 0, errors: '' });
  });

  test('goes on by itself once they are counted in its own again', async () => {
    expect(await rebuild(home)).toMatchObject({ exitCode: 0, errors: '' });
    expect((await readReport(api)).months.map(({ month, total }) => [month, total.events])).toEqual([
      ['2026-03', 1],
    ]);
    await register(api, input);
    expect(await ready()).toEqual([200, { status: 'ready' }]);
    expect(await findDrift(api)).toEqual([]);
  });
});

test('while months are being recounted, nothing is done; what is sent again afterwards is', async () => {
  await replace(home, true);
  expect((await api.ask(registerEvent, { input })).status).toBe(503);
  expect((await ready())[0]).toBe(503);
  await replace(home, false);
  const first = await api.ask(registerEvent, { input });
  // What was to be written was looked at with what held before: that one is refused, too.
  expect([200, 503]).toContain(first.status);
  expect((await api.ask(registerEvent, { input })).status).toBe(200);
  expect(await ready()).toEqual([200, { status: 'ready' }]);
});

test('whoever is in the middle of writing when the calendar is replaced is counted, or refused', async () => {
  const before = (await readReport(api)).totals[0]?.total.events as number;
  let acknowledged = 0;
  let goesOn = true;
  const writers = Array.from({ length: 8 }, async () => {
    while (goesOn) {
      const { status } = await api.ask(registerEvent, { input: { ...input, occurredAt: noon } });
      if (status === 200) acknowledged += 1;
      else goesOn = false;
    }
  });
  while (acknowledged < 50) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(await rebuild('Asia/Tokyo')).toMatchObject({ exitCode: 0, errors: '' });
  await Promise.all(writers);
  expect(goesOn).toBe(false);
  expect(await verify('Asia/Tokyo')).toMatchObject({ exitCode: 0, errors: '' });
  expect(await rebuild(home)).toMatchObject({ exitCode: 0, errors: '' });
  expect((await readReport(api)).totals[0]?.total.events).toBe(before + acknowledged);
});

test('of two that recount at once in different zones, one finishes, and every month is counted in its zone', async () => {
  const zones = ['Asia/Tokyo', 'America/New_York'];
  const results = await Promise.all(zones.map(rebuild));
  const finished = results.filter(({ exitCode }) => exitCode === 0);
  expect(finished.length).toBeGreaterThan(0);
  const verified = await Promise.all(zones.map(verify));
  expect(verified.map(({ exitCode }) => exitCode).sort()).toEqual([0, 1]);
  expect(verified.find(({ exitCode }) => exitCode === 1)?.errors).toMatch(/counts months in the time zone/);
  expect(await rebuild(home)).toMatchObject({ exitCode: 0, errors: '' });
});

/** What another program does to a database that is relied on, what undoes it, and what a start is told meanwhile. */
const changes: [string, { does: string[]; undo: string[]; told: RegExp }][] = [
  [
    'tables of a later version that this one cannot work beside',
    {
      does: [`insert into setting (name, value) values ('needed_migration', 'DoSomethingLater1')`],
      undo: [`delete from setting where name = 'needed_migration'`],
      told: /tables of this database are those of a later version \(its migration DoSomethingLater1\)/,
    },
  ],
  [
    'another number of decimals of a currency',
    {
      does: [
        `update setting set value = replace(value, '"HUF":2', '"HUF":0') where name = 'currency_digits'`,
      ],
      undo: [
        `update setting set value = replace(value, '"HUF":0', '"HUF":2') where name = 'currency_digits'`,
      ],
      told: /stored with 0 decimals of HUF, and this version counts 2/,
    },
  ],
];

describe.each(changes)('while the database has %s', (_what, { does, undo, told }) => {
  const tell = 'update reliance set version = version + 1';
  beforeAll(() => runOn(database, ...does, tell));

  test.each(operations)('a service %s', async (_what, operation, variables) => {
    const answer = await api.ask(operation, variables() as Record<string, unknown>);
    expect(answer).toMatchObject({ status: 503, errors: [{ extensions: { code: 'UNAVAILABLE' } }] });
  });

  test('a service is not ready, and none starts', async () => {
    expect((await ready())[0]).toBe(503);
    const { exitCode, errors } = await verify(home);
    expect([exitCode, errors]).toEqual([1, expect.stringMatching(told)]);
  });

  test('it goes on by itself once that is undone', async () => {
    await runOn(database, ...undo, tell);
    await readReport(api);
    await register(api, input);
    expect(await ready()).toEqual([200, { status: 'ready' }]);
    expect(await findDrift(api)).toEqual([]);
  });
});

test('a currency that the database has not seen is added by the next start, and a service that runs takes it up', async () => {
  await runOn(
    database,
    `update setting set value = replace(value, '"XCG":2,', '') where name = 'currency_digits'`,
  );
  expect(await verify(home)).toMatchObject({ exitCode: 0, errors: '' });
  const [kept] = await select<{ value: string }>(
    api,
    sql`select value from setting where name = 'currency_digits'`,
  );
  expect(JSON.parse(kept?.value ?? '')).toMatchObject({ XCG: 2, SEK: 2, JPY: 0, IQD: 3 });
  await register(api, input);
});
