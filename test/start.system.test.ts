import sql from 'sql-template-tag';
import { type EventPlan, generateEvents } from '../seed/generateEvents';
import { loadSample } from '../seed/loadSample';
import { actOfOperator } from '../src/platform/audit/act';
import { replaceCalendar } from '../src/platform/calendar/calendarTable';
import { OperatorError } from '../src/platform/errors';
import { createCalendar } from '../src/platform/values/months';
import { runCaretally } from './support/cli';
import { newDatabase, type TestDatabase } from './support/databases';
import {
  createCaregiver,
  createEventType,
  createUnit,
  eventFields,
  findDrift,
  pay,
  readReport,
  registerPast,
  remove,
  tamper,
} from './support/fixtures';
import { monthsIn } from './support/oracle';
import { startTestService, type TestOptions, type TestService } from './support/testService';

/** A database that is there, and holds nothing. */
async function created(): Promise<TestDatabase> {
  const database = newDatabase();
  made.push(database);
  await database.create();
  return database;
}
const made: TestDatabase[] = [];
afterAll(() => Promise.all(made.map((database) => database.drop())));

/** Runs a service on a file for as long as the work takes. */
async function withService<Value>(
  options: TestOptions,
  work: (api: TestService) => Promise<Value>,
): Promise<Value> {
  const api = await startTestService(options);
  try {
    return await work(api);
  } finally {
    await api.close();
  }
}

const everything = `{
  report { totals { currency total { amount events } } }
  events(filter: { deleted: null }, first: 1000) { nodes { ${eventFields} } }
  payouts { nodes { id createdAt totals { amount } } }
  caregivers { nodes { id name unit { id name } } }
  eventTypes { nodes { id name amount currency archived } }
}`;

async function fill(api: TestService): Promise<void> {
  const caregiverId = await createCaregiver(api, { unitId: await createUnit(api) });
  const eventTypeId = await createEventType(api);
  const events = await registerPast(
    api,
    // The first and second lie in March for New York, the third in April for both.
    ['2024-03-15T12:00:00Z', '2024-03-31T22:30:00Z', '2024-04-15T12:00:00Z', '2024-04-15T12:00:00Z'].map(
      (occurredAt) => ({ caregiverId, eventTypeId, occurredAt }),
    ),
  );
  const [first, second, third] = events.map((event) => event.id) as [string, string, string];
  await pay(api, { eventIds: [first, second] });
  await remove(api, third, 'entered twice');
}

/** How a start fails that an operator can mend. */
async function refusedStart(options: TestOptions): Promise<string> {
  const error = await startTestService(options).then(
    () => new Error('it started'),
    (error: unknown) => error as Error,
  );
  expect(error).toBeInstanceOf(OperatorError);
  return error.message;
}

describe('opening a database again', () => {
  test('keeps everything', async () => {
    const database = await created();
    const before = await withService({ database }, async (api) => {
      await fill(api);
      return api.data(everything);
    });
    expect(before.events.nodes).toHaveLength(4);
    for (let start = 0; start < 2; start += 1) {
      await withService({ database }, async (api) => {
        expect(await api.data(everything)).toEqual(before);
        expect(await findDrift(api)).toEqual([]);
      });
    }
  });

  test('with another time zone is refused, and says how to recount', async () => {
    const database = await created();
    await withService({ database }, fill);
    const message = await refusedStart({ database, timeZone: 'America/New_York' });
    expect(message).toContain('counts months in the time zone Europe/Stockholm');
    expect(message).toContain('TIME_ZONE=America/New_York npx caretally rebuild');
    await withService({ database }, async (api) => expect(await findDrift(api)).toEqual([]));
  });

  test.each([
    ['Europe/Kyiv', 'Europe/Kiev', 'renamed'],
    ['Asia/Calcutta', 'Asia/Kolkata', 'renamed the other way'],
    ['Europe/Stockholm', 'europe/STOCKHOLM', 'written in another case'],
    ['America/New_York', 'US/Eastern', 'a link to the same rules'],
  ])('made in %s works in %s, %s, and nothing is recounted', async (made, timeZone) => {
    const database = await created();
    const before = await withService({ database, timeZone: made }, async (api) => {
      await fill(api);
      return readReport(api);
    });
    await withService({ database, timeZone }, async (api) => {
      expect(await readReport(api)).toEqual(before);
      await fill(api);
      expect(await findDrift(api)).toEqual([]);
    });
    const rebuilt = await runCaretally(database, ['rebuild', '--json'], { TIME_ZONE: timeZone });
    expect(rebuilt).toMatchObject({ exitCode: 0, errors: '' });
    await withService({ database, timeZone: made }, async (api) => {
      const { auditLog } = await api.data('{ auditLog { nodes { action } } }');
      const actions = auditLog.nodes.map(({ action }: { action: string }) => action);
      expect(actions).not.toContain('replaceCalendar');
    });
  });

  test('with another time zone works once everything is recounted', async () => {
    const database = await created();
    await withService({ database }, fill);
    const eventsByMonth = async (api: TestService) =>
      (await readReport(api)).months.map(({ month, total }) => [month, total.events]);
    await withService({ database }, async (api) =>
      expect(await eventsByMonth(api)).toEqual([
        ['2024-03', 1],
        ['2024-04', 2],
      ]),
    );
    const timeZone = 'America/New_York';
    const rebuilt = await runCaretally(database, ['rebuild', '--json'], { TIME_ZONE: timeZone });
    expect(rebuilt).toMatchObject({ exitCode: 0, errors: '' });
    await withService({ database, timeZone }, async (api) => {
      expect(await eventsByMonth(api)).toEqual([
        ['2024-03', 2],
        ['2024-04', 1],
      ]);
      expect(await findDrift(api)).toEqual([]);
    });
    expect(await refusedStart({ database })).toContain('time zone America/New_York');
  });

  test('after the rules of its zone have changed is refused, and says how to recount', async () => {
    const database = await created();
    await withService({ database }, (api) =>
      tamper(api, sql`update calendar_month set from_ms = from_ms + 3600000 where month = 203104`),
    );
    const message = await refusedStart({ database });
    expect(message).toContain('The rules of the time zone Europe/Stockholm have changed');
    expect(message).toContain('203104');
    expect(message).toContain('npx caretally rebuild');
    await withService({ database, allowOutdatedCalendar: true }, (api) => api.data('{ ping }'));
  });

  test('in the middle of a recount is refused, and says to let it finish', async () => {
    const database = await created();
    const calendar = createCalendar('Europe/Stockholm');
    await withService({ database }, (api) =>
      api.service.database.write(replaceCalendar, [
        { calendar, rebuildPending: true, act: actOfOperator(api.service) },
      ]),
    );
    expect(await refusedStart({ database })).toContain('Let it finish: npx caretally rebuild');
  });
});

describe('the sample', () => {
  const counts = `{
    report { totals { currency total { amount events } } months { month unreimbursed { events } } }
    caregivers(first: 1000) { nodes { id } }
    units { nodes { name } }
    eventTypes { nodes { name } }
  }`;

  test('fills an empty database with three years of events, all but the last two months paid', async () => {
    await withService({}, async (api) => {
      api.setNow(Date.parse('2026-03-10T12:00:00Z'));
      expect(await loadSample(api.service)).toMatch(/^sample data: 40 caregivers, \d+ events/);
      const { report, caregivers, units } = await api.data(counts);
      expect([caregivers.nodes.length, units.nodes.length]).toEqual([40, 8]);
      expect(report.totals[0].total.events).toBeGreaterThan(10_000);
      const months = report.months as { month: string; unreimbursed: { events: number } }[];
      expect([months[0]?.month, months.at(-1)?.month]).toEqual(['2023-03', '2026-03']);
      expect(months.filter(({ unreimbursed }) => unreimbursed.events > 0).map(({ month }) => month)).toEqual([
        '2026-01',
        '2026-02',
        '2026-03',
      ]);
      expect(await findDrift(api)).toEqual([]);
    });
  });

  test('is loaded once: the second time changes nothing', async () => {
    await withService({}, async (api) => {
      await loadSample(api.service);
      const before = await api.data(counts);
      expect(await loadSample(api.service)).toBeUndefined();
      expect(await api.data(counts)).toEqual(before);
    });
  });

  test.each([3, 6, 20])('goes on where its loading was cut off, here after %i writes', async (writes) => {
    const now = Date.parse('2026-03-10T12:00:00Z');
    const whole = await withService({}, async (api) => {
      api.setNow(now);
      await loadSample(api.service);
      return api.data(counts);
    });
    await withService({}, async (api) => {
      api.setNow(now);
      const { service } = api;
      let left = writes;
      const write: typeof service.database.write = (command, inputs) => {
        left -= 1;
        return left < 0 ? Promise.reject(new Error('cut off')) : service.database.write(command, inputs);
      };
      const dying = { ...service, database: { ...service.database, write } };
      await expect(loadSample(dying)).rejects.toThrow('cut off');
      expect(await loadSample(service)).toMatch(/^sample data: 40 caregivers/);
      expect(await api.data(counts)).toEqual(whole);
    });
  });

  test.each([
    ['a unit', createUnit],
    ['a caregiver', createCaregiver],
    ['an event type', createEventType],
  ])('is not loaded beside %s', async (_what, create) => {
    await withService({}, async (api) => {
      await create(api);
      const before = await api.data(counts);
      expect(await loadSample(api.service)).toBeUndefined();
      expect(await api.data(counts)).toEqual(before);
    });
  });
});

describe('generated events', () => {
  const plan: EventPlan = {
    seedNumber: 7,
    caregivers: 20,
    eventTypeWeights: [5, 3, 1],
    fromMonth: 202411,
    toMonth: 202502,
    eventsPerMonth: 12,
  };
  const generate = (changes: Partial<EventPlan> = {}) => [...generateEvents({ ...plan, ...changes })];

  test('are the same for the same plan, and others for another seed', () => {
    expect(generate()).toEqual(generate());
    expect(generate({ seedNumber: 8 })).not.toEqual(generate());
  });

  test('are the same in a month of a longer plan', () => {
    const february = (events: ReturnType<typeof generate>) =>
      events.filter(({ occurredAtMs }) => monthsIn('UTC')(occurredAtMs) === '2025-02');
    expect(february(generate({ fromMonth: 202501, toMonth: 202504 }))).toEqual(february(generate()));
    expect(february(generate()).length).toBeGreaterThan(100);
  });

  test.each([0, 1, 500, 5_000])('are exactly %d, where a number is said', (events) => {
    expect(generate({ events })).toHaveLength(events);
  });

  test('lie in the months of the plan, each with an id of its own, of all caregivers and types', () => {
    const events = generate();
    const months = new Set(events.map((event) => monthsIn('UTC')(event.occurredAtMs)));
    expect([...months].sort()).toEqual(['2024-11', '2024-12', '2025-01', '2025-02']);
    expect(new Set(events.map((event) => event.id)).size).toBe(events.length);
    for (const { id } of events)
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(new Set(events.map((event) => event.caregiverIndex)).size).toBe(20);
    expect(new Set(events.map((event) => event.eventTypeIndex))).toEqual(new Set([0, 1, 2]));
  });
});
