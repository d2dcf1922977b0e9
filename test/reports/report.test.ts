import {
  type AnsweredEvent,
  createCaregiver,
  createCaregivers,
  createEventType,
  createUnit,
  type EventInput,
  pageOf,
  pay,
  type Row,
  readReport,
  readTally,
  refusal,
  registerBatch,
  registerPast,
  remove,
  report,
  rowFields,
  walk,
} from '../support/fixtures';
import { chosen, expectedReport, type KnownEvent } from '../support/oracle';
import { serviceForTests } from '../support/testService';

const nowMs = Date.parse('2026-06-15T12:00:00Z');

/** An event as it was answered, for the oracle. Its month is the service's word; tests that are about months say it themselves. */
function known(event: AnsweredEvent): KnownEvent {
  return {
    id: event.id,
    caregiverId: event.caregiver.id,
    eventTypeId: event.eventType.id,
    occurredAtMs: Date.parse(event.occurredAt),
    lateReason: event.lateReason,
    month: event.month,
    amount: event.amount,
    currency: event.currency,
    payoutId: event.payout?.id ?? null,
    deleted: event.deletedAt !== null,
  };
}

describe('a report', () => {
  const api = serviceForTests();
  let north: string;
  let south: string;
  /** Two of the unit in the north, one of the unit in the south, one of no unit. */
  let caregivers: [string, string, string, string];
  let events: KnownEvent[];

  beforeAll(async () => {
    api.setNow(nowMs);
    north = await createUnit(api);
    south = await createUnit(api);
    caregivers = [
      await createCaregiver(api, { unitId: north }),
      await createCaregiver(api, { unitId: north }),
      await createCaregiver(api, { unitId: south }),
      await createCaregiver(api),
    ];
    const kronor = await createEventType(api, { amount: 12_345 });
    const euros = await createEventType(api, { amount: 999, currency: 'EUR' });
    // Around three borders of months, winter and summer time, on the border and a millisecond on either side.
    const borders = ['2026-01-31T23:00:00Z', '2026-02-28T23:00:00Z', '2026-03-31T22:00:00Z'].map(Date.parse);
    const times = borders.flatMap((border) => [border - 86_400_000, border - 1, border, border + 1]);
    const stored = await registerPast(
      api,
      [...times, Date.parse('2019-07-01T00:00:00Z')].flatMap((time, index) =>
        caregivers.map((caregiverId, place) => ({
          caregiverId,
          eventTypeId: (index + place) % 3 === 0 ? euros : kronor,
          occurredAt: new Date(time).toISOString(),
        })),
      ),
    );
    const paid = stored.filter((_event, index) => index % 3 === 1);
    const payout = await pay(api, { eventIds: paid.map((event) => event.id) });
    const gone = stored.filter((event, index) => index % 5 === 2 && !paid.includes(event));
    for (const event of gone) await remove(api, event.id);
    events = stored.map((event) => ({
      ...known(event),
      payoutId: paid.includes(event) ? payout.id : null,
      deleted: gone.includes(event),
    }));
  });

  test('of everything agrees in its totals, months and rows', async () => {
    const everything = await readReport(api);
    expect(everything).toEqual(expectedReport(events));
    expect(everything.totals.map((total) => total.currency)).toEqual(['EUR', 'SEK']);
    expect(everything.months.map((month) => month.month)).toContain('2019-07');
    expect(everything.rows.length).toBeGreaterThan(20);
  });

  test('says what it was read from', async () => {
    const fields = 'generatedAt timeZone from to';
    const { months, instants, open } = await api.data(`{
      months: report(filter: { fromMonth: "2026-02", toMonth: "2026-03" }) { ${fields} }
      instants: report(filter: { from: "2026-02-01T00:00:00+01:00", to: "2026-02-01T00:00:00.001+01:00" }) { ${fields} }
      open: report { ${fields} }
    }`);
    const always = { generatedAt: '2026-06-15T12:00:00.000Z', timeZone: 'Europe/Stockholm' };
    expect(months).toEqual({ ...always, from: '2026-01-31T23:00:00.000Z', to: '2026-03-31T22:00:00.000Z' });
    expect(instants).toEqual({ ...always, from: '2026-01-31T23:00:00.000Z', to: '2026-01-31T23:00:00.001Z' });
    expect(open).toEqual({ ...always, from: null, to: null });
  });

  describe('of a range of instants is exact to the millisecond', () => {
    const ranges: [string, string | undefined, string | undefined][] = [
      ['that cuts a month at each end', '2026-01-31T22:59:59.999Z', '2026-03-31T22:00:00.001Z'],
      ['that cuts the month of its beginning', '2026-01-30T23:00:00.001Z', '2026-03-31T22:00:00.000Z'],
      ['that cuts the month of its end', '2026-01-31T23:00:00.000Z', '2026-03-31T21:59:59.999Z'],
      ['of whole months', '2026-01-31T23:00:00.000Z', '2026-03-31T22:00:00.000Z'],
      ['of one whole month', '2026-01-31T23:00:00.000Z', '2026-02-28T23:00:00.000Z'],
      ['within one month', '2026-01-31T23:00:00.001Z', '2026-02-28T22:59:59.999Z'],
      ['from the beginning of a month into it', '2026-01-31T23:00:00.000Z', '2026-01-31T23:00:00.001Z'],
      ['from within a month to its end', '2026-02-28T22:59:59.999Z', '2026-02-28T23:00:00.000Z'],
      ['from one month into the next', '2026-02-28T22:59:59.999Z', '2026-02-28T23:00:00.001Z'],
      ['of a millisecond that has events', '2026-02-28T23:00:00.000Z', '2026-02-28T23:00:00.001Z'],
      ['of a millisecond that has none', '2026-02-28T23:00:00.002Z', '2026-02-28T23:00:00.003Z'],
      ['that is empty', '2026-02-28T23:00:00.000Z', '2026-02-28T23:00:00.000Z'],
      ['that is empty within a month', '2026-02-28T23:00:00.001Z', '2026-02-28T23:00:00.001Z'],
      ['with a beginning that cuts a month', '2026-02-28T23:00:00.001Z', undefined],
      ['with a beginning that does not', '2026-02-28T23:00:00.000Z', undefined],
      ['with an end that cuts a month', undefined, '2026-02-28T22:59:59.999Z'],
      ['with an end that does not', undefined, '2026-02-28T23:00:00.000Z'],
      ['that is as wide as can be', '1900-01-01T00:00:00Z', '2200-12-30T23:59:59.999Z'],
    ];
    test.each(ranges)('%s', async (_what, from, to) => {
      const range = { fromMs: from && Date.parse(from), toMs: to && Date.parse(to) } as {
        fromMs?: number;
        toMs?: number;
      };
      expect(await readReport(api, { from, to })).toEqual(expectedReport(chosen(events, range)));
      const caregiverIds = [caregivers[1], caregivers[3]];
      expect(await readReport(api, { from, to, caregiverIds })).toEqual(
        expectedReport(chosen(events, { ...range, caregiverIds })),
      );
    });

    test('written with any offset', async () => {
      const inUtc = { from: '2026-02-28T22:59:59.999Z', to: '2026-03-31T22:00:00.001Z' };
      const abroad = { from: '2026-03-01T12:59:59.999+14:00', to: '2026-03-31T14:00:00.001-08:00' };
      expect(await readReport(api, abroad)).toEqual(await readReport(api, inUtc));
    });
  });

  test('of months includes the first and the last of them', async () => {
    const inMonths = (from: string, to: string) => events.filter(({ month }) => month >= from && month <= to);
    for (const [fromMonth, toMonth] of [
      ['2026-02', '2026-03'],
      ['2026-02', '2026-02'],
      ['2019-01', '2026-02'],
      ['1900-01', '2200-12'],
    ] as const) {
      expect(await readReport(api, { fromMonth, toMonth })).toEqual(
        expectedReport(inMonths(fromMonth, toMonth)),
      );
    }
    expect(await readReport(api, { fromMonth: '2026-03' })).toEqual(expectedReport(inMonths('2026-03', '9')));
    expect(await readReport(api, { toMonth: '2026-02' })).toEqual(expectedReport(inMonths('0', '2026-02')));
    expect(await readReport(api, { fromMonth: '2020-01', toMonth: '2025-12' })).toEqual(nothing);
  });

  const nothing = { totals: [], months: [], rows: [] };

  test('of chosen caregivers has theirs alone', async () => {
    const caregiverIds = [caregivers[2], caregivers[0], caregivers[2]];
    expect(await readReport(api, { caregiverIds })).toEqual(expectedReport(chosen(events, { caregiverIds })));
  });

  test('of units has their caregivers, and with caregivers those of both', async () => {
    const [first, second, third] = caregivers;
    expect(await readReport(api, { unitIds: [north] })).toEqual(
      expectedReport(chosen(events, { caregiverIds: [first, second] })),
    );
    expect(
      await readReport(api, { unitIds: [north, south], caregiverIds: [second, third, caregivers[3]] }),
    ).toEqual(expectedReport(chosen(events, { caregiverIds: [second, third] })));
    expect(await readReport(api, { unitIds: [south], caregiverIds: [first] })).toEqual(nothing);
  });

  test('of an empty list, or of ids that nobody has, is empty', async () => {
    for (const filter of [
      { caregiverIds: [] },
      { unitIds: [] },
      { caregiverIds: caregivers, unitIds: [] },
      { caregiverIds: ['999999999', '9007199254740991'] },
      { unitIds: ['999999999'] },
      { caregiverIds: [], from: '2026-02-10T00:00:00Z', to: '2026-03-10T00:00:00Z' },
    ]) {
      expect(await readReport(api, filter)).toEqual(nothing);
    }
  });

  test('answers its rows in pages, which together are the whole', async () => {
    const unaligned = { from: '2026-01-31T22:59:59.999Z', to: '2026-03-31T22:00:00.001Z' };
    for (const filter of [{}, unaligned, { ...unaligned, caregiverIds: caregivers.slice(1) }]) {
      const { rows } = await readReport(api, filter);
      for (const first of [1, 2, 5, rows.length - 1, rows.length, 1_000]) {
        const walked = await walk<Row>(first, async (first, after) => {
          const { report } = await api.data(
            `query ($filter: ReportFilter, $first: Int, $after: String) {
              report(filter: $filter) { rows(first: $first, after: $after) { ${pageOf(rowFields)} } }
            }`,
            { filter, first, after },
          );
          return report.rows;
        });
        expect(walked).toEqual(rows);
      }
    }
  });

  test('a page may begin behind any row, by the cursor of its edge', async () => {
    const { rows } = (await api.data(`{ report { rows { edges { cursor node { ${rowFields} } } } } }`))
      .report;
    for (const [index, { cursor }] of rows.edges.entries()) {
      const { report } = await api.data(
        `query ($after: String) { report { rows(after: $after) { nodes { ${rowFields} } } } }`,
        { after: cursor },
      );
      expect(report.rows.nodes).toEqual(rows.edges.slice(index + 1).map(({ node }: { node: Row }) => node));
    }
  });

  test('agrees with itself while events are registered', async () => {
    const caregiverId = await createCaregiver(api);
    const eventTypeId = await createEventType(api, { amount: 1 });
    const input = { caregiverId, eventTypeId, occurredAt: '2026-06-15T12:00:00Z' };
    const sumOf = (parts: Row[]) => parts.reduce((sum, part) => sum + part.total.amount, 0);
    const writing = Array.from({ length: 100 }, () => registerPast(api, [input]));
    for (let index = 0; index < 30; index += 1) {
      const { totals, months, rows } = await readReport(api, { caregiverIds: [caregiverId] });
      expect(sumOf(months as Row[])).toBe(totals[0]?.total.amount ?? 0);
      expect(sumOf(rows)).toBe(totals[0]?.total.amount ?? 0);
    }
    await Promise.all(writing);
    expect((await readTally(api, { caregiverIds: [caregiverId] })).owed).toEqual({
      amount: 100,
      events: 100,
    });
  });
});

describe('a report of many', () => {
  const api = serviceForTests();

  test('takes 10,000 caregivers in one request, and no more', async () => {
    api.setNow(nowMs);
    const unitId = await createUnit(api);
    const caregiverIds = await createCaregivers(api, 5_000, unitId);
    const eventTypeId = await createEventType(api, { amount: 3 });
    const others = await createCaregivers(api, 2);
    await registerPast(
      api,
      [...caregiverIds, ...others].map((caregiverId) => ({
        caregiverId,
        eventTypeId,
        occurredAt: '2026-06-15T12:00:00Z',
      })),
    );
    const fiveThousand = { amount: 15_000, events: 5_000 };
    expect((await readTally(api, { caregiverIds })).owed).toEqual(fiveThousand);
    expect((await readTally(api, { unitIds: [unitId] })).owed).toEqual(fiveThousand);
    const cut = { from: '2026-06-15T00:00:00Z', to: '2026-06-15T12:00:00.001Z' };
    expect((await readTally(api, { caregiverIds, ...cut })).owed).toEqual(fiveThousand);
    const { report: unsaid } = await api.data(
      '{ report { rows { nodes { month } } same: rows(first: null) { nodes { month } } } }',
    );
    expect([unsaid.rows.nodes.length, unsaid.same.nodes.length]).toEqual([100, 100]);
    const { rows } = await readReport(api, { caregiverIds });
    expect(rows.map((row) => row.caregiver.id)).toEqual(caregiverIds);

    const filled = [
      ...caregiverIds,
      ...Array.from({ length: 5_000 }, (_, index) => String(1_000_000 + index)),
    ];
    expect((await readTally(api, { caregiverIds: filled })).owed).toEqual(fiveThousand);
    expect(await api.failure(report, { filter: { caregiverIds: [...filled, '7'] } })).toMatchObject(
      refusal('BAD_USER_INPUT', 'caregiverIds'),
    );
  });
});

describe('months are those of the time zone', () => {
  const zones: [string, [utc: string, month: string][]][] = [
    [
      'Europe/Stockholm',
      [
        ['2024-03-31T21:59:59.999Z', '2024-03'],
        ['2024-03-31T22:30:00Z', '2024-04'],
        ['2024-02-29T22:59:59.999Z', '2024-02'],
        ['2024-02-29T23:00:00Z', '2024-03'],
        ['2024-12-31T23:00:00Z', '2025-01'],
        ['1969-12-31T23:00:00Z', '1970-01'],
        ['1969-12-31T22:59:59.999Z', '1969-12'],
      ],
    ],
    [
      'America/New_York',
      [
        ['2024-04-01T03:59:59.999Z', '2024-03'],
        ['2024-04-01T04:00:00Z', '2024-04'],
        ['2024-12-01T04:59:59.999Z', '2024-11'],
        ['2024-12-01T05:00:00Z', '2024-12'],
        ['2025-01-01T04:59:59.999Z', '2024-12'],
      ],
    ],
    [
      // Samoa changed to the other side of the date line: it had no 30 December 2011.
      'Pacific/Apia',
      [
        ['2011-12-30T09:59:59.999Z', '2011-12'],
        ['2011-12-31T09:59:59.999Z', '2011-12'],
        ['2011-12-31T10:00:00Z', '2012-01'],
        ['2010-12-31T23:59:59.999Z', '2010-12'],
        ['2011-01-01T09:59:59.999Z', '2010-12'],
        ['2011-01-01T10:00:00Z', '2011-01'],
      ],
    ],
  ];
  describe.each(zones)('%s', (timeZone, events) => {
    const api = serviceForTests({ timeZone });

    test('on events, in reports and in ranges of months', async () => {
      const caregiverId = await createCaregiver(api);
      const eventTypeId = await createEventType(api, { amount: 1 });
      const stored = await registerPast(
        api,
        events.map(([occurredAt]): EventInput => ({ caregiverId, eventTypeId, occurredAt })),
      );
      expect(stored.map((event) => event.month)).toEqual(events.map(([, month]) => month));

      const counts = new Map<string, number>();
      for (const [, month] of events) counts.set(month, (counts.get(month) ?? 0) + 1);
      const { months } = await readReport(api);
      expect(months.map(({ month, total }) => [month, total.events])).toEqual([...counts.entries()].sort());
      for (const [month, count] of counts) {
        const { owed } = await readTally(api, { fromMonth: month, toMonth: month });
        expect(owed).toEqual({ amount: count, events: count });
      }
      expect((await api.data('{ service { timeZone } report { timeZone } }')).report).toEqual({ timeZone });
    });
  });
});

describe('a report that cannot be read', () => {
  const api = serviceForTests();
  const rows = (page: string) => api.failure(`{ report { rows(${page}) { nodes { month } } } }`);

  test('gives its range in two ways, or backwards', async () => {
    const refusals: [object, string][] = [
      [{ fromMonth: '2026-02', from: '2026-02-01T00:00:00Z' }, 'from'],
      [{ toMonth: '2026-02', to: '2026-02-01T00:00:00Z' }, 'to'],
      [{ fromMonth: '2026-02', to: '2026-02-01T00:00:00Z' }, 'to'],
      [{ fromMonth: '2026-03', toMonth: '2026-02' }, 'toMonth'],
      [{ from: '2026-02-01T00:00:00.001Z', to: '2026-02-01T00:00:00Z' }, 'to'],
      [{ from: '2026-02-01T00:00:00' }, 'from'],
      [{ to: '2026-02-30T00:00:00Z' }, 'to'],
      [{ from: '1899-12-31T23:59:59.999Z' }, 'from'],
      [{ to: '2200-12-31T00:00:00Z' }, 'to'],
      [{ caregiverIds: ['1', 'x'] }, 'caregiverIds[1]'],
      [{ unitIds: ['0'] }, 'unitIds[0]'],
    ];
    for (const [filter, field] of refusals) {
      const { errors } = await api.ask(report, { filter });
      expect([filter, errors]).toMatchObject([filter, [refusal('BAD_USER_INPUT', field)]]);
    }
  });

  test('names a month that is none', async () => {
    for (const month of ['2026-13', '2026-00', '2026-3', '202603', '1899-12', '2201-01', 'March', 202603]) {
      const error = await api.failure(report, { filter: { fromMonth: month } });
      expect(error.extensions?.code).toBe('BAD_USER_INPUT');
      expect(error.message).toContain('a month must look like 2026-03');
    }
  });

  test('asks for pages of less than one row or more than a thousand', async () => {
    for (const first of [0, -1, 1_001]) {
      expect(await rows(`first: ${first}`)).toMatchObject(refusal('BAD_USER_INPUT', 'first'));
    }
    await api.data(
      '{ report { least: rows(first: 1) { nodes { month } } most: rows(first: 1000) { nodes { month } } } }',
    );
  });

  test('begins behind what is no cursor of its rows', async () => {
    const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const cursors = [
      '',
      'x',
      '%',
      'a'.repeat(1_000),
      base64(null),
      base64({}),
      base64([]),
      base64([202603, 1]),
      base64([202603, 1, 'SEK', 1]),
      base64(['202603', 1, 'SEK']),
      base64([202603, 1.5, 'SEK']),
      base64([1, 1, 1]),
    ];
    for (const cursor of cursors) {
      expect(await rows(`after: ${JSON.stringify(cursor)}`)).toMatchObject(
        refusal('BAD_USER_INPUT', 'after'),
      );
    }
  });
});

describe('large sums', () => {
  const api = serviceForTests();
  const largest = Number.MAX_SAFE_INTEGER;
  const occurredAt = '2026-05-15T12:00:00Z';
  const lateReason = 'entered later';
  let fortune: string;
  let coin: string;

  beforeAll(async () => {
    api.setNow(nowMs);
    fortune = await createEventType(api, { amount: largest });
    coin = await createEventType(api, { amount: 1 });
  });

  test('are exact beyond 32 bits', async () => {
    const caregiverId = await createCaregiver(api);
    const eventTypeId = await createEventType(api, { amount: 2 ** 40 + 1 });
    await registerPast(
      api,
      Array.from({ length: 5 }, () => ({ caregiverId, eventTypeId, occurredAt })),
    );
    expect((await readTally(api, { caregiverIds: [caregiverId] })).owed).toEqual({
      amount: 5_497_558_138_885,
      events: 5,
    });
  });

  test('are exact up to 2^53−1', async () => {
    const caregiverId = await createCaregiver(api);
    const eventTypeId = await createEventType(api, { amount: largest - 1 });
    await registerPast(
      api,
      [eventTypeId, coin].map((eventTypeId) => ({ caregiverId, eventTypeId, occurredAt })),
    );
    expect((await readTally(api, { caregiverIds: [caregiverId] })).owed).toEqual({
      amount: largest,
      events: 2,
    });
  });

  test('an event that would pass 2^53−1 is refused; its neighbours in the batch are not', async () => {
    const caregiverId = await createCaregiver(api);
    const other = await createCaregiver(api);
    const [first] = await registerPast(api, [{ caregiverId, eventTypeId: fortune, occurredAt }]);
    await pay(api, { eventIds: [(first as AnsweredEvent).id] });

    const outcomes = await registerBatch(
      api,
      [
        { caregiverId: other, eventTypeId: coin, occurredAt },
        { caregiverId, eventTypeId: coin, occurredAt },
        { caregiverId, eventTypeId: coin, occurredAt: '2026-04-15T12:00:00Z' },
        { caregiverId: other, eventTypeId: fortune, occurredAt },
        { caregiverId: other, eventTypeId: coin, occurredAt },
      ].map((input) => ({ ...input, lateReason })),
    );
    expect(outcomes.map(({ error }) => [error?.code, error?.field])).toEqual([
      [undefined, undefined],
      ['AMOUNT_TOO_LARGE', 'eventTypeId'],
      [undefined, undefined],
      ['AMOUNT_TOO_LARGE', 'eventTypeId'],
      [undefined, undefined],
    ]);
    expect((await readTally(api, { caregiverIds: [other] })).owed).toEqual({ amount: 2, events: 2 });
    const may = { caregiverIds: [caregiverId], fromMonth: '2026-05', toMonth: '2026-05' };
    expect((await readTally(api, may)).paid).toEqual({ amount: largest, events: 1 });
  });

  // 2^53−1 each: two pass what JSON carries exactly, 1,100 pass what 64 bits hold.
  test.each([2, 1_100])(
    'a total over %d caregivers that passes it is refused, never rounded',
    async (count) => {
      const caregiverIds = await createCaregivers(api, count);
      await registerPast(
        api,
        caregiverIds.map((caregiverId) => ({ caregiverId, eventTypeId: fortune, occurredAt })),
      );
      const cut = { from: '2026-05-10T00:00:00Z', to: '2026-05-20T00:00:00Z' };
      for (const filter of [{ caregiverIds }, { caregiverIds, ...cut }]) {
        for (const sums of ['totals', 'months']) {
          const query = `query ($filter: ReportFilter) { report(filter: $filter) { ${sums} { total { amount } } } }`;
          expect(await api.failure(query, { filter })).toMatchObject(refusal('AMOUNT_TOO_LARGE', 'filter'));
        }
        const { report } = await api.data(
          `query ($filter: ReportFilter) { report(filter: $filter) { rows(first: 2) { nodes { total { amount } } } } }`,
          { filter },
        );
        expect(report.rows.nodes).toEqual([{ total: { amount: largest } }, { total: { amount: largest } }]);
      }
      const one = { caregiverIds: caregiverIds.slice(-1) };
      expect((await readTally(api, one)).owed).toEqual({ amount: largest, events: 1 });
      expect((await readTally(api, { ...one, ...cut })).owed).toEqual({ amount: largest, events: 1 });
    },
  );
});
