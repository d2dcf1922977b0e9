import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { randomUuid } from '../../seed/random';
import { runCaretally } from '../support/cli';
import { databaseForTests, type TestDatabase, temporaryFolder } from '../support/databases';
import {
  type AnsweredEvent,
  createCaregiver,
  createEventType,
  createUnit,
  eventFields,
  pageOf,
  pay,
  register,
  registerPast,
  remove,
  updateEventType,
  walk,
} from '../support/fixtures';
import { between, oneOf, withRandom } from '../support/random';
import { startTestService, type TestService } from '../support/testService';
import { parseXml } from './parseXml';

const columns = [
  'id',
  'caregiver',
  'event_type',
  'occurred_at',
  'month',
  'amount',
  'currency',
  'reimbursed',
  'payout',
  'registered_at',
  'late_reason',
];

const folder = temporaryFolder();
const database = databaseForTests();
const otherDatabase = databaseForTests();
let api: TestService;
let unit: string;
let caregivers: string[];
let reason: string;

beforeAll(() =>
  withRandom(async (random) => {
    api = await startTestService({ database });
    unit = await createUnit(api);
    caregivers = [
      await createCaregiver(api),
      await createCaregiver(api, { unitId: unit }),
      await createCaregiver(api, { unitId: unit }),
    ];
    const eventTypes = [
      await createEventType(api, { amount: 12_345 }),
      await createEventType(api, { amount: 0, currency: 'JPY' }),
    ];
    reason = '=entered "later", för sent & <so>';
    const times = [
      Date.UTC(1900, 0, 1),
      Date.UTC(1969, 11, 31, 23, 59, 59, 999),
      Date.UTC(2026, 0, 31, 22, 59, 59, 999),
      Date.UTC(2026, 0, 31, 23),
      // Three to each caregiver at one instant, apart by their ids alone.
      ...Array(9).fill(Date.UTC(2026, 1, 1, 12)),
      ...Array.from({ length: 187 }, () => between(random, Date.UTC(1900, 0, 2), Date.UTC(2026, 5, 1))),
    ];
    const events = await registerPast(
      api,
      times.map((time, index) => ({
        id: randomUuid(random),
        caregiverId: caregivers[index % 3] as string,
        eventTypeId: oneOf(random, eventTypes),
        occurredAt: new Date(time).toISOString(),
        lateReason: reason,
      })),
    );
    const paid = events.filter((_event, index) => index % 4 === 1);
    await pay(api, { eventIds: paid.map(({ id }) => id) });
    const gone = events.filter((event, index) => index % 7 === 5 && !paid.includes(event));
    for (const { id } of gone) await remove(api, id);
    expect(gone.length).toBeGreaterThan(10);
  }),
);

afterAll(async () => {
  await api.close();
  rmSync(folder, { recursive: true, force: true });
});

/** What the API lists, with the columns of an export. */
async function expectedRows(filter: object = {}) {
  const events = await walk<AnsweredEvent>(500, async (first, after) => {
    const { events } = await api.data(
      `query ($filter: EventFilter, $first: Int, $after: String) {
        events(filter: $filter, first: $first, after: $after) { ${pageOf(eventFields)} }
      }`,
      { filter, first, after },
    );
    return events;
  });
  return events.map((event) => ({
    id: event.id,
    caregiver: Number(event.caregiver.id),
    event_type: Number(event.eventType.id),
    occurred_at: event.occurredAt,
    month: event.month,
    amount: event.amount,
    currency: event.currency,
    reimbursed: event.reimbursed,
    payout: event.payout === null ? null : Number(event.payout.id),
    registered_at: event.registeredAt,
    late_reason: event.lateReason,
  }));
}

async function exported(...commandLine: string[]): Promise<string> {
  const { exitCode, output, errors } = await runCaretally(database, ['export', 'events', ...commandLine]);
  expect([exitCode, errors]).toEqual([0, '']);
  return output;
}

const text = (cell: unknown) => (cell === null ? '' : String(cell));

test('events that count are exported in every format, deleted ones are left out', async () => {
  const expected = await expectedRows();
  expect(expected.length).toBeGreaterThan(100);
  expect(JSON.parse(await exported('--format', 'json'))).toEqual(expected);
  expect(parse(await exported(), { recordDelimiter: '\r\n' })).toEqual([
    columns,
    ...expected.map((row) => Object.values({ ...row, late_reason: `'${row.late_reason}` }).map(text)),
  ]);
  expect(parseXml(await exported('--format', 'xml'), 'events', 'event')).toEqual(
    expected.map((row) =>
      Object.fromEntries(
        Object.entries(row)
          .filter(([, cell]) => cell !== null)
          .map(([column, cell]) => [column, String(cell)]),
      ),
    ),
  );
});

test('caregivers, units and ranges narrow it, exact to the millisecond', async () => {
  const json = async (...commandLine: string[]) =>
    JSON.parse(await exported('--format', 'json', ...commandLine));
  const [first, second, third] = caregivers as [string, string, string];
  expect(await json('--caregiver', first, '--caregiver', third)).toEqual(
    await expectedRows({ caregiverIds: [first, third] }),
  );
  expect(await json('--unit', unit)).toEqual(await expectedRows({ caregiverIds: [second, third] }));
  expect(await json('--unit', unit, '--caregiver', first)).toEqual([]);
  expect(await json('--from-month', '2026-02', '--to-month', '2026-02')).toEqual(
    await expectedRows({ fromMonth: '2026-02', toMonth: '2026-02' }),
  );
  const [from, to] = ['2026-01-31T22:59:59.999Z', '2026-01-31T23:00:00Z'];
  const cut = await json('--from', from, '--to', to);
  expect(cut).toEqual(await expectedRows({ from, to }));
  expect(cut).toHaveLength(1);
});

describe('what was exported', () => {
  /** Late for many reasons, and in time for none. */
  const reasons = [
    '=entered "later", för sent & <so>',
    '+46',
    '@home; =1+1',
    "'=1",
    "a;'=1",
    "'quoted'",
    'plain',
    null,
  ];
  let before: Awaited<ReturnType<typeof expectedRows>>;

  beforeAll(async () => {
    // The type's sum changes between them, and one of the types is archived in the end.
    const nowMs = Date.parse('2026-06-02T12:00:00Z');
    const eventTypeId = await createEventType(api, { amount: 1_000, name: 'Changing' });
    const registerAt = async (hours: number, lateReason: string | null) => {
      api.setNow(nowMs + hours * 3_600_000);
      const occurredAt = new Date(nowMs + (hours - (lateReason === null ? 1 : 30)) * 3_600_000).toISOString();
      const id = `0190163d-8694-739b-aea5-${String(hours).padStart(12, '0')}`;
      await register(api, { id, caregiverId: caregivers[0] as string, eventTypeId, occurredAt, lateReason });
    };
    for (const [hour, lateReason] of reasons.entries()) await registerAt(hour, lateReason);
    await updateEventType(api, eventTypeId, { amount: 2_000 });
    for (const [hour, lateReason] of reasons.entries()) await registerAt(10 + hour, lateReason);
    await updateEventType(api, eventTypeId, { amount: 3_000, archived: true });
    api.setNow(undefined);
    before = await expectedRows();
  });

  const importInto = async (target: TestDatabase, name: string, content: string) => {
    const path = join(folder, name);
    writeFileSync(path, content);
    const { exitCode, output, errors } = await runCaretally(target, [
      'import',
      'events',
      path,
      '--refer-by',
      'id',
      '--json',
    ]);
    expect([exitCode, errors]).toEqual([0, '']);
    return JSON.parse(output);
  };

  test.each(['csv', 'json'])('can be imported again as %s, and changes nothing', async (format) => {
    const imported = await importInto(database, `again.${format}`, await exported('--format', format));
    expect(imported).toEqual({ registered: 0, replayed: before.length, rejected: 0, rejectFile: null });
    expect(await expectedRows()).toEqual(before);
  });

  test('can be imported into an empty database with the same people and types, and is there what it was', async () => {
    const other = await startTestService({ database: otherDatabase });
    await createUnit(other);
    for (const _ of caregivers) await createCaregiver(other);
    await createEventType(other, { amount: 12_345 });
    await createEventType(other, { amount: 0, currency: 'JPY' });
    await updateEventType(other, await createEventType(other, { amount: 7 }), { archived: true });
    await other.close();
    const paid = before.filter((row) => row.reimbursed).length;
    expect(await importInto(otherDatabase, 'all.csv', await exported())).toEqual({
      registered: before.length,
      replayed: 0,
      rejected: 0,
      owedAgain: paid,
      rejectFile: null,
    });
    const copied = await runCaretally(otherDatabase, ['export', 'events', '--format', 'json']);
    expect(JSON.parse(copied.output)).toEqual(
      before.map((row) => ({ ...row, reimbursed: false, payout: null })),
    );
    // And from there back again.
    const back = await runCaretally(otherDatabase, ['export', 'events']);
    expect(await importInto(database, 'back.csv', back.output)).toMatchObject({
      registered: 0,
      replayed: before.length,
    });
    expect(await runCaretally(otherDatabase, ['verify'])).toMatchObject({ exitCode: 0 });
  }, 180_000);

  test('is a conflict that names the column where it is changed, and is refused where it is no record any more', async () => {
    const row = before.find(({ late_reason }) => late_reason === 'plain') as (typeof before)[number];
    const changed = [
      { ...row, amount: row.amount + 1 },
      { ...row, currency: 'NOK' },
      { ...row, late_reason: null },
      { ...row, late_reason: 'another' },
      { ...row, amount: '10.00' },
      { ...row, registered_at: '2199-01-01T00:00:00Z' },
      row,
    ];
    const path = join(folder, 'changed.ndjson');
    writeFileSync(path, changed.map((some) => JSON.stringify(some)).join('\n'));
    const { output } = await runCaretally(database, ['import', 'events', path, '--json']);
    expect(JSON.parse(output)).toMatchObject({ registered: 0, replayed: 1, rejected: 6 });
    const reasonsGiven = readFileSync(`${path}.rejects.csv`, 'utf8').split('\r\n').slice(1, -1);
    for (const [place, words] of [
      'another amount',
      'another currency',
      'another lateReason',
      'another lateReason',
      'amount must be a whole number',
      'registered_at must not lie ahead',
    ].entries()) {
      expect(reasonsGiven[place]).toContain(words);
    }
  });
});
