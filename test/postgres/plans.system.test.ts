import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { runCaretally } from '../support/cli';
import { deleteEvent, eventFields, pay, registerBatch, report } from '../support/fixtures';
import { PostgresServer, until } from '../support/postgresServer';
import { startTestService, type TestService } from '../support/testService';
import { adminHeader } from '../support/tokens';

/** A step of a plan, as PostgreSQL tells it. */
interface Step {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Index Cond'?: string;
  'Recheck Cond'?: string;
  Plans?: Step[];
}

interface Plan {
  statement: string;
  steps: Step[];
}

const caregivers = 500;
const nowMs = Date.parse('2026-03-10T12:00:00Z');

let server: PostgresServer;
let api: TestService;

beforeAll(async () => {
  server = await PostgresServer.create({
    shared_preload_libraries: 'auto_explain',
    'auto_explain.log_format': 'json',
  });
  const database = server.database();
  await database.create();
  const plan = ['--events', '50000', '--caregivers', String(caregivers), '--years', '5'];
  expect(await runCaretally(database, ['seed', ...plan])).toMatchObject({ exitCode: 0 });
  api = await startTestService({ database });
  api.setNow(nowMs);
  await pay(api, { caregiverIds: ids(1, 400), toMonth: '2025-10' });
  await pay(api, { caregiverIds: ids(1, 20), fromMonth: '2025-11', toMonth: '2025-12' });
  // Ten times as many, as they come in: by time, of everybody in turn. Nobody looks at the sums here.
  await server.query(
    `insert into event (caregiver_id, occurred_at_ms, id, event_type_id, amount, currency, registered_at_ms)
     select 1 + n % ${caregivers}, ${nowMs} - n * 300000::bigint, gen_random_uuid(), 1 + n % 5, 100, 'SEK', ${nowMs}
     from generate_series(1, 450000) n`,
    'care',
  );
  await server.query('vacuum analyze', 'care');
  await api.close();

  // Connections that are made from now on have their plans written down.
  await server.set('auto_explain.log_min_duration', '0');
  await until(async () => {
    const [shown] = await server.query<Record<string, string>>('show auto_explain.log_min_duration');
    return shown?.['auto_explain.log_min_duration'] === '0';
  });
  api = await startTestService({ database });
  api.setNow(nowMs);
}, 180_000);
afterAll(async () => {
  await api?.close();
  await server?.remove();
});

function ids(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, index) => String(from + index));
}

/** The plans of all statements that run while the work is done: the server writes them down. */
async function plansDuring(work: () => Promise<unknown>): Promise<Plan[]> {
  const before = server.readFile('log').length;
  await work();
  // A plan is written when its statement is put away, which for the last one is after its rows were sent.
  let log = '';
  for (let waited = 0, length = -1; waited < 5_000 && length !== log.length; waited += 50) {
    length = log.length > 0 ? log.length : -1;
    await sleep(50);
    log = server.readFile('log').slice(before);
  }
  return [...log.matchAll(/ plan:\n((?:\t.*\n)+)/g)].map(([, text]) => {
    const { 'Query Text': statement, Plan: plan } = JSON.parse((text as string).replace(/^\t/gm, ''));
    return { statement, steps: flat(plan) };
  });
}

function flat(step: Step): Step[] {
  return [step, ...(step.Plans ?? []).flatMap(flat)];
}

type Read = Step & { statement: string };

/** How the statements behind the work read events: none may look at all of them. */
async function readsOfEvents(work: () => Promise<unknown>): Promise<Read[]> {
  const plans = await plansDuring(work);
  expect(plans.length).toBeGreaterThan(0);
  const reads = plans.flatMap(({ statement, steps }) =>
    steps
      .filter((step) => step['Relation Name'] === 'event' && step['Node Type'] !== 'ModifyTable')
      .map((step) => ({ statement, ...step })),
  );
  const isByIndex = (read: Read) => read['Index Name'] || read['Node Type'] === 'Bitmap Heap Scan';
  expect(reads.filter((read) => !isByIndex(read))).toEqual([]);
  return reads;
}

/** Each event is looked up by its id, or by its caregiver; nothing that lies before is read. */
function expectLookedUp(reads: readonly Read[]): void {
  const isLookedUp = (read: Read) =>
    /\b(caregiver_id|id) = /.test(read['Index Cond'] ?? read['Recheck Cond'] ?? '');
  expect(reads.filter((read) => !isLookedUp(read))).toEqual([]);
}

const ranges: [string, object][] = [
  ['any time', {}],
  ['whole months', { fromMonth: '2025-01', toMonth: '2025-12' }],
  ['a range that cuts two months', { from: '2025-02-10T00:00:00Z', to: '2025-06-20T00:00:00Z' }],
  ['a part of a month', { from: '2025-02-10T00:00:00Z', to: '2025-02-20T00:00:00Z' }],
];

describe('no page of events reads them all:', () => {
  const events = `query ($filter: EventFilter, $after: String) {
    events(filter: $filter, first: 50, after: $after) {
      nodes { ${eventFields} caregiver { name unit { name } } } pageInfo { endCursor }
    }
  }`;
  // Deleted ones are few: whoever looks for them must look at all, which both engines do.
  const filters: [string, object][] = [
    ['all', {}],
    ['deleted or not', { deleted: null }],
    ['of some caregivers', { caregiverIds: ids(3, 5) }],
    ['of many caregivers', { caregiverIds: ids(1, 300) }],
    ['of the last caregivers', { caregiverIds: ids(401, 500) }],
    ['of a type', { eventTypeIds: ['1'] }],
    ['paid', { reimbursed: true }],
    ['unpaid', { reimbursed: false }],
    ['paid of some caregivers', { caregiverIds: ids(3, 5), reimbursed: true }],
  ];
  test.each(filters)('%s', async (_what, filter) => {
    for (const [, range] of ranges) {
      let after: string | null = null;
      for (let page = 0; page < 2; page += 1) {
        const reads = await readsOfEvents(async () => {
          const answer = await api.data(events, { filter: { ...filter, ...range }, after });
          after = answer.events.pageInfo.endCursor;
        });
        expect(reads).toHaveLength(1);
        // From the beginning or the cursor on, as long as nothing narrows whose they are.
        if ('caregiverIds' in filter) expectLookedUp(reads);
      }
    }
  });
});

describe('no report reads all events:', () => {
  const choices: [string, object][] = [
    ['everybody', {}],
    ['some caregivers', { caregiverIds: ids(3, 5) }],
    ['many caregivers', { caregiverIds: ids(1, 300) }],
    ['some units', { unitIds: ['1', '2'] }],
    ['some caregivers of some units', { caregiverIds: ids(1, 300), unitIds: ['1', '2'] }],
  ];
  test.each(choices)('%s', async (_what, choice) => {
    for (const [what, range] of ranges) {
      let after: string | null = null;
      for (let page = 0; page < 2 && (page === 0 || after); page += 1) {
        const reads = await readsOfEvents(async () => {
          const answer = await api.data(report, { filter: { ...choice, ...range }, first: 50, after });
          after = answer.report.rows.pageInfo.endCursor;
        });
        expectLookedUp(reads);
        // Whole months come from the rollup alone.
        expect([what, reads.length > 0]).toEqual([what, /part|cuts/.test(what)]);
      }
    }
  });

  test.each(ranges)('as a file, of %s', async (what, range) => {
    const parameters = new URLSearchParams(range as Record<string, string>);
    const headers = await adminHeader();
    const reads = await readsOfEvents(() =>
      api.server.inject({ method: 'GET', url: `/report.csv?${parameters}`, headers }),
    );
    expect(reads.length > 0).toBe(/part|cuts/.test(what));
  });
});

// A page of an export of everything is a hundredth of this table. PostgreSQL may read the table for it, and does not once
// that takes longer than to look the page up.
test('no page of an export of the events of some caregivers reads them all', async () => {
  const options = ['--caregiver', '3', '--caregiver', '400'];
  const reads = await readsOfEvents(() => runCaretally(server.database(), ['export', 'events', ...options]));
  expect(reads.length).toBeGreaterThan(0);
  expectLookedUp(reads);
});

describe('no change looks at all events:', () => {
  const inputs = Array.from({ length: 1_000 }, (_, index) => ({
    id: randomUUID(),
    caregiverId: String(1 + (index % caregivers)),
    eventTypeId: '1',
    occurredAt: new Date(nowMs - index * 1_000).toISOString(),
  }));
  const id = (index: number) => inputs[index]?.id as string;

  const works: [string, () => Promise<unknown>][] = [
    ['registering many', () => registerBatch(api, inputs)],
    ['registering the same again', () => registerBatch(api, inputs)],
    ['registering one', () => registerBatch(api, [{ ...inputs[0], id: randomUUID() }])],
    ['registering it again', () => registerBatch(api, inputs.slice(0, 1))],
    ['deleting', () => api.data(deleteEvent, { id: id(0) })],
    ['looking one up', () => api.data('query ($id: ID!) { event(id: $id) { id } }', { id: id(0) })],
    ['paying some', () => pay(api, { eventIds: inputs.slice(1, 100).map((input) => input.id) })],
    [
      'looking into payouts',
      () => api.data('{ payouts { nodes { totals { amount } events(first: 50) { nodes { id } } } } }'),
    ],
  ];
  test.each(works)('%s', async (_what, work) => {
    expectLookedUp(await readsOfEvents(work));
  });
});
