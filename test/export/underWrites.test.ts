import { parse } from 'csv-parse/sync';
import { registerBatch } from '../support/fixtures';
import { startTestService, type TestService } from '../support/testService';
import { adminHeader } from '../support/tokens';
import { createWideReport, listen, wideCaregivers, wideRows } from './wideReport';

let api: TestService;
let eventTypeId: string;
let url: string;

beforeAll(async () => {
  api = await startTestService();
  ({ eventTypeId } = await createWideReport(api));
  url = `${await listen(api)}/report.csv`;
});
afterAll(() => api.close());

test('an export under steady writes shows one moment, from its first page to its last', async () => {
  // Every transaction adds an event to the first row of the report and one to the last.
  const ends = [
    { caregiverId: '1', occurredAt: '2015-01-15T00:00:00Z' },
    { caregiverId: String(wideCaregivers), occurredAt: '2021-08-15T00:00:00Z' },
  ];
  let committed = 0;
  let writing = true;
  const writer = (async () => {
    while (writing) {
      const inputs = ends.map((end) => ({ ...end, eventTypeId, lateReason: 'entered later' }));
      const outcomes = await registerBatch(api, inputs);
      expect(outcomes.filter((outcome) => outcome.error)).toEqual([]);
      committed += 1;
    }
  })();

  const headers = await adminHeader();
  let committedDuring = 0;
  for (let round = 0; round < 6; round += 1) {
    const before = committed;
    const rows: Record<string, string>[] = parse(await (await fetch(url, { headers })).text(), {
      columns: true,
    });
    const after = committed;
    const events = rows.map((row) => Number(row.total_events));
    expect(events).toHaveLength(wideRows);
    const first = (events[0] as number) - 1;
    expect((events.at(-1) as number) - 1).toBe(first);
    expect(first).toBeGreaterThanOrEqual(before);
    // One more may have been committed whose answer was under way.
    expect(first).toBeLessThanOrEqual(after + 1);
    const sum = (column: string) => rows.reduce((total, row) => total + Number(row[column]), 0);
    expect(sum('total_events')).toBe(wideRows + 2 * first);
    expect(sum('total_amount')).toBe(100 * (wideRows + 2 * first));
    committedDuring += after - before;
  }
  writing = false;
  await writer;
  expect(committedDuring).toBeGreaterThan(20);
});
