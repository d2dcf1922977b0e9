import {
  createCaregivers,
  createEventType,
  createUnit,
  pageOf,
  pay,
  type Row,
  registerPast,
  rowFields,
  walk,
} from '../support/fixtures';
import { chosen, expectedReport, type KnownEvent, monthsIn } from '../support/oracle';
import { between, oneOf, someOf, withRandom } from '../support/random';
import { serviceForTests } from '../support/testService';

const api = serviceForTests();
const monthOf = monthsIn('Europe/Stockholm');

/** A unit of most caregivers, one of few, and one of people who have hardly any events. */
const units = { large: 350, small: 4, idle: 250 };
const caregivers = { large: [] as string[], small: [] as string[], idle: [] as string[] };
const unitIds = { large: '', small: '', idle: '' };
const events: KnownEvent[] = [];

beforeAll(() =>
  withRandom(async (random) => {
    api.setNow(Date.parse('2026-06-15T12:00:00Z'));
    for (const unit of ['large', 'small', 'idle'] as const) {
      unitIds[unit] = await createUnit(api);
      caregivers[unit] = await createCaregivers(api, units[unit], unitIds[unit]);
    }
    const eventTypeIds = [
      await createEventType(api, { amount: 7 }),
      await createEventType(api, { amount: 9, currency: 'EUR' }),
    ];
    const busy = [...caregivers.large, ...caregivers.small, ...caregivers.idle.slice(-3)];
    const inputs = busy.flatMap((caregiverId) =>
      Array.from({ length: between(random, 3, 8) }, () => ({
        caregiverId,
        eventTypeId: oneOf(random, eventTypeIds),
        occurredAt: new Date(Date.UTC(2026, between(random, 0, 4), between(random, 1, 28), 12)).toISOString(),
      })),
    );
    for (const event of await registerPast(api, inputs)) {
      const occurredAtMs = Date.parse(event.occurredAt);
      events.push({
        ...event,
        caregiverId: event.caregiver.id,
        eventTypeId: event.eventType.id,
        occurredAtMs,
        month: monthOf(occurredAtMs),
        payoutId: null,
        deleted: false,
      });
    }
  }),
);

/** Filters, with the ids of the caregivers whom they choose. */
const choices: [string, () => { caregiverIds?: string[]; unitIds?: string[] }, () => string[]][] = [
  ['a unit of nearly all', () => ({ unitIds: [unitIds.large] }), () => caregivers.large],
  ['a unit of few', () => ({ unitIds: [unitIds.small] }), () => caregivers.small],
  ['a unit where few have events', () => ({ unitIds: [unitIds.idle] }), () => caregivers.idle],
  ['all units', () => ({ unitIds: Object.values(unitIds) }), () => Object.values(caregivers).flat()],
  ['few caregivers', () => ({ caregiverIds: everyOf(40) }), () => everyOf(40)],
  ['many caregivers', () => ({ caregiverIds: everyOf(3) }), () => everyOf(3)],
  ['nearly all caregivers', () => ({ caregiverIds: caregivers.large }), () => caregivers.large],
  ['many who have no events', () => ({ caregiverIds: caregivers.idle }), () => caregivers.idle],
  [
    'many caregivers of a unit of few',
    () => ({ caregiverIds: everyOf(3), unitIds: [unitIds.small] }),
    () => everyOf(3).filter((id) => caregivers.small.includes(id)),
  ],
];

function everyOf(places: number): string[] {
  return Object.values(caregivers)
    .flat()
    .filter((_id, index) => index % places === 0);
}

const ranges: [string, { from?: string; to?: string }][] = [
  ['everything', {}],
  ['whole months', { from: '2026-01-31T23:00:00Z', to: '2026-03-31T22:00:00Z' }],
  ['a range that cuts months', { from: '2026-01-15T00:00:00Z', to: '2026-04-20T00:00:00Z' }],
  ['a range within a month', { from: '2026-03-05T00:00:00Z', to: '2026-03-20T00:00:00Z' }],
];

describe.each(choices)('the pages of a report of %s are its rows', (_whom, filter, ids) => {
  test.each(ranges)('over %s', async (_when, range) => {
    const { from, to } = range;
    const fromMs = from === undefined ? undefined : Date.parse(from);
    const toMs = to === undefined ? undefined : Date.parse(to);
    const { rows: expected } = expectedReport(chosen(events, { caregiverIds: ids(), fromMs, toMs }));
    // The last ends exactly where the rows do.
    const sizes = [60, 1_000, Math.min(1_000, Math.max(1, expected.length))];
    for (const size of sizes) {
      const rows = await walk<Row>(size, async (first, after) => {
        const { report } = await api.data(
          `query ($filter: ReportFilter, $first: Int, $after: String) {
            report(filter: $filter) { rows(first: $first, after: $after) { ${pageOf(rowFields)} } }
          }`,
          { filter: { ...filter(), ...range }, first, after },
        );
        return report.rows;
      });
      expect(rows).toEqual(expected);
    }
  });
});

test('a page may begin behind any row of chosen caregivers', () =>
  withRandom(async (random) => {
    const caregiverIds = everyOf(2);
    const { rows } = expectedReport(chosen(events, { caregiverIds }));
    expect(rows.length).toBeGreaterThan(500);
    for (const row of someOf(random, rows, 0.1)) {
      const behind = rows.slice(rows.indexOf(row) + 1);
      const key = [Number(row.month.replace('-', '')), Number(row.caregiver.id), row.currency];
      const { report } = await api.data(
        `query ($filter: ReportFilter, $after: String) {
          report(filter: $filter) { rows(first: 5, after: $after) { nodes { ${rowFields} } } }
        }`,
        { filter: { caregiverIds }, after: Buffer.from(JSON.stringify(key)).toString('base64url') },
      );
      expect(report.rows.nodes).toEqual(behind.slice(0, 5));
    }
  }));

describe('the rows with something owed', () => {
  /** Those who have been paid for their January; some of them owe in other months. */
  const paid = () => [...caregivers.small, ...caregivers.large.slice(0, 200)];
  beforeAll(() => pay(api, { caregiverIds: paid(), toMonth: '2026-01' }));

  test.each(ranges)('over %s are those of all rows', async (_when, range) => {
    for (const filter of [{}, { caregiverIds: paid() }, { unitIds: [unitIds.small] }]) {
      const readRows = (owedOnly: boolean) =>
        walk<Row>(60, async (first, after) => {
          const { report } = await api.data(
            `query ($filter: ReportFilter, $first: Int, $after: String, $owedOnly: Boolean) {
              report(filter: $filter) {
                rows(first: $first, after: $after, owedOnly: $owedOnly) { ${pageOf(rowFields)} }
              }
            }`,
            { filter: { ...filter, ...range }, first, after, owedOnly },
          );
          return report.rows;
        });
      const owed = (await readRows(false)).filter(({ unreimbursed }) => unreimbursed.events > 0);
      expect(await readRows(true)).toEqual(owed);
    }
  });
});
