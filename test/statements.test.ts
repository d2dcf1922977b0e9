import sql, { type Sql } from 'sql-template-tag';
import { everybody, type Scope } from '../src/platform/access/scope';
import { eventById } from '../src/reimbursements/events/event.table';
import { type EventQuery, eventPage } from '../src/reimbursements/events/listEvents';
import { type ReportQuery, reportPage } from '../src/reimbursements/reports/readReport';
import {
  createCaregivers,
  createEventType,
  createUnit,
  eventFields,
  pay,
  registerPast,
  rowFields,
} from './support/fixtures';
import { serviceForTests } from './support/testService';

const api = serviceForTests();
const caregiverCount = 600;
let caregiverIds: string[];
let eventTypeIds: string[];

beforeAll(async () => {
  api.setNow(Date.parse('2026-03-10T12:00:00Z'));
  const units = await Promise.all(Array.from({ length: 20 }, () => createUnit(api)));
  for (const unitId of units) {
    const more = await createCaregivers(api, caregiverCount / units.length, unitId);
    caregiverIds = [...(caregiverIds ?? []), ...more];
  }
  eventTypeIds = await Promise.all(Array.from({ length: 30 }, () => createEventType(api)));
  await registerPast(
    api,
    caregiverIds.map((caregiverId, index) => ({
      caregiverId,
      eventTypeId: eventTypeIds[index % eventTypeIds.length] as string,
      occurredAt: '2026-02-10T12:00:00Z',
    })),
  );
  // Ten payouts, so that events of one page belong to several.
  for (let group = 0; group < 10; group += 1) {
    const ids = caregiverIds.filter((_id, index) => index % 12 === group);
    await pay(api, { caregiverIds: ids, toMonth: '2026-02' });
  }
});

async function statementsOf(query: string, variables: Record<string, unknown>): Promise<number> {
  api.statementsSinceLastCall();
  await api.data(query, variables);
  return api.statementsSinceLastCall();
}

describe('the number of SQL statements does not grow with the size of', () => {
  const report = `query ($first: Int!, $filter: ReportFilter) {
    report(filter: $filter) {
      totals { total { amount } }
      months { total { amount } }
      rows(first: $first) { nodes { ${rowFields} caregiver { name unit { name } } } }
    }
  }`;
  const events = `query ($first: Int!) {
    events(first: $first) {
      nodes { ${eventFields} caregiver { name unit { name } } eventType { name } payout { createdAt } }
    }
  }`;
  const pages: [string, string, object][] = [
    ['a page of a report', report, {}],
    ['a page of a report that cuts a month', report, { filter: { from: '2026-02-05T00:00:00Z' } }],
    ['a page of events', events, {}],
  ];
  test.each(pages)('%s', async (_what, query, variables) => {
    const small = await statementsOf(query, { ...variables, first: 5 });
    const large = await statementsOf(query, { ...variables, first: 500 });
    expect(small).toBeGreaterThan(0);
    expect(large).toBe(small);
    const { events, report } = await api.data(query, { ...variables, first: 500 });
    expect((events ?? report.rows).nodes).toHaveLength(500);
  });

  test('a batch of events to register', async () => {
    const query = `mutation ($inputs: [RegisterEventInput!]!) {
      registerEvents(inputs: $inputs) { event { caregiver { name unit { name } } eventType { name } } }
    }`;
    const inputs = caregiverIds.slice(0, 500).map((caregiverId, index) => ({
      caregiverId,
      eventTypeId: eventTypeIds[index % eventTypeIds.length],
      occurredAt: '2026-03-10T12:00:00Z',
    }));
    const small = await statementsOf(query, { inputs: inputs.slice(0, 5) });
    const large = await statementsOf(query, { inputs });
    expect(small).toBeGreaterThan(0);
    expect(large).toBe(small);
  });
});

if (testEngine === 'sqlite')
  describe('on SQLite, no page reads the whole table of events', () => {
    const feb10 = Date.parse('2026-02-10T00:00:00Z');
    const feb20 = Date.parse('2026-02-20T00:00:00Z');
    const february = { fromMs: Date.parse('2026-01-31T23:00:00Z'), toMs: Date.parse('2026-02-28T23:00:00Z') };
    const wholeMonths = [{ fromMs: null, toMs: null }, february, { ...february, toMs: null }];
    const cutMonths = [
      { fromMs: feb10, toMs: null },
      { fromMs: null, toMs: feb20 },
      { fromMs: feb10, toMs: feb20 },
      { fromMs: february.fromMs, toMs: feb20 },
      { fromMs: Date.parse('2025-06-10T00:00:00Z'), toMs: feb20 },
    ];

    function planOf(statement: Sql): Promise<string[]> {
      return api.service.database.read(async (snapshot) => {
        const steps = await snapshot.all<{ detail: string }>(sql`explain query plan ${statement}`);
        return steps.map((step) => step.detail);
      });
    }

    /** Whether the plan looks events up by their key: the caregiver first. */
    function expectSearchOfEvents(plan: string[]): void {
      const steps = plan.filter((step) => /^(SCAN|SEARCH) (e|event)\b/.test(step));
      expect(steps.length).toBeGreaterThan(0);
      for (const step of steps) expect(step).toMatch(/^SEARCH e USING PRIMARY KEY \(caregiver_id=\?/);
    }

    test.each<Scope>([everybody, { kind: 'caregiver', id: 1 }, { kind: 'unit', id: 1 }])(
      'one event is looked up by its id, whatever is in scope: %j',
      async (scope) => {
        const plan = await planOf(eventById('0190163d-8694-739b-aea5-966c26f8ad91', scope));
        expect(plan.filter((step) => / e\b/.test(step))).toEqual(['SEARCH e USING INDEX event_id (id=?)']);
      },
    );

    const eventQueries: [string, Omit<EventQuery, 'range' | 'scope'>][] = [
      ['all events', {}],
      ['events that count', { deleted: false }],
      ['deleted events', { deleted: true }],
      ['events of some caregivers', { caregiverIds: [1, 2, 3], deleted: false }],
      ['events of a type', { eventTypeIds: [1], deleted: false }],
      ['unpaid events', { reimbursed: false, deleted: false }],
      ['paid events of some caregivers', { caregiverIds: [1, 2, 3], reimbursed: true }],
    ];
    test.each(eventQueries)('a list of %s', async (_what, query) => {
      const id = '0190163d-8694-739b-aea5-966c26f8ad91';
      for (const range of [...wholeMonths, ...cutMonths]) {
        for (const after of [undefined, { caregiverId: 2, occurredAtMs: feb10, id }]) {
          const plan = await planOf(eventPage({ scope: everybody, ...query, range }, 51, after));
          expectSearchOfEvents(plan);
          // Sorting would read every event that matches before the first page could be answered.
          expect(plan.filter((step) => step.includes('TEMP B-TREE'))).toEqual([]);
        }
      }
    });

    const many = Array.from({ length: 150 }, (_, index) => index + 1);
    const reportQueries: [string, Omit<ReportQuery, 'range' | 'scope'>][] = [
      ['everybody', {}],
      ['some caregivers', { caregiverIds: [1, 2, 3] }],
      ['many caregivers', { caregiverIds: many }],
      ['some units', { unitIds: [1, 2] }],
      ['some caregivers of some units', { caregiverIds: [1, 2, 3], unitIds: [1, 2] }],
      ['many caregivers of some units', { caregiverIds: many, unitIds: [1, 2] }],
    ];
    const cursors = [undefined, { month: 202602, caregiverId: 2, currency: 'SEK' }];
    test.each(reportQueries)('a report of %s', async (_what, query) => {
      for (const range of [...wholeMonths, ...cutMonths]) {
        for (const after of cursors) {
          const plan = await planOf(
            reportPage({ scope: everybody, ...query, range }, api.service.calendar, 101, after),
          );
          if (cutMonths.includes(range as (typeof cutMonths)[number])) expectSearchOfEvents(plan);
          else expect(plan.filter((step) => /\b(e|event)\b/.test(step))).toEqual([]);
        }
      }
    });

    /** The steps of each part that is worked out by itself, before the page is limited. */
    async function partsOf(statement: Sql): Promise<string[][]> {
      const steps = await api.service.database.read((snapshot) =>
        snapshot.all<{ id: number; parent: number; detail: string }>(sql`explain query plan ${statement}`),
      );
      return steps
        .filter((part) => /^(CO-ROUTINE|MATERIALIZE) /.test(part.detail))
        .map((part) => steps.filter((step) => step.parent === part.id).map((step) => step.detail));
    }

    test.each(reportQueries)(
      'a report of %s sorts nobody but whom it has looked up',
      async (_what, query) => {
        for (const range of [...wholeMonths, ...cutMonths]) {
          for (const after of cursors) {
            const parts = await partsOf(
              reportPage({ scope: everybody, ...query, range }, api.service.calendar, 101, after),
            );
            const sorted = parts.map(String).filter((steps) => steps.includes('TEMP B-TREE'));
            expect(sorted).toHaveLength(query.caregiverIds || query.unitIds ? 1 : 0);
            for (const steps of sorted) {
              expect(steps).toContain('SEARCH r USING PRIMARY KEY (caregiver_id=?');
              expect(steps).not.toContain('SEARCH e ');
            }
          }
        }
      },
    );

    const few = reportQueries.filter(([, { caregiverIds }]) => caregiverIds && caregiverIds !== many);
    test.each(reportQueries.filter((query) => !few.includes(query)))(
      'a report of %s walks from where the page before ended',
      async (_what, query) => {
        for (const range of wholeMonths.slice(0, 2)) {
          const plan = await planOf(
            reportPage({ scope: everybody, ...query, range }, api.service.calendar, 101, cursors[1]),
          );
          const walk =
            /^SEARCH r USING (COVERING )?INDEX monthly_rollup_month \(\(month,caregiver_id,currency\)>/;
          expect(plan.filter((step) => walk.test(step))).toHaveLength(1);
        }
      },
    );
  });
