import { parse } from 'csv-parse/sync';
import sql from 'sql-template-tag';
import { guardText } from '../../src/platform/values/csv';
import { runCaretally } from '../support/cli';
import { databaseForTests } from '../support/databases';
import {
  createCaregiver,
  createEventType,
  createUnit,
  pay,
  type Row,
  readReport,
  registerPast,
  remove,
  tamper,
} from '../support/fixtures';
import { startTestService, type TestService } from '../support/testService';
import { adminHeader } from '../support/tokens';
import { parseXml } from './parseXml';

const columns = [
  'month',
  'caregiver_id',
  'caregiver_external_id',
  'caregiver',
  'unit',
  'currency',
  'reimbursed_amount',
  'reimbursed_events',
  'unreimbursed_amount',
  'unreimbursed_events',
  'total_amount',
  'total_events',
];

interface Filter {
  caregiverIds?: string[];
  unitIds?: string[];
  fromMonth?: string;
  toMonth?: string;
  from?: string;
  to?: string;
}

/** Of the characters of this file; the others XML takes as they are. */
const forbiddenInXml = /(?![\t\n\r\u0085])[\p{Cc}\ufffe\uffff]/gu;

const database = databaseForTests();
let api: TestService;
let units: [string, string];
let caregivers: string[];
/** Of each caregiver, what stands in every row of theirs. */
const known = new Map<string, { externalId: string | null; name: string; unit: string | null }>();

const people = [
  { name: 'Anna Andersson', externalId: 'A-1' },
  { name: 'Åsa "Kajsa" Öberg, docent', externalId: 'Ö;2' },
  { name: "<b>Bo & Co</b> ]]> &amp; d'Arc", externalId: '<3>' },
  { name: '=HYPERLINK("http://example.org")', externalId: '+46 70 123' },
  { name: '@SUM(A1:A9)', externalId: '-1' },
  { name: "'quoted already", externalId: null },
  { name: '𝒜𝓃𝓃𝒶 😀 李', externalId: '007' },
  { name: 'to be damaged', externalId: 'seven' },
  { name: 'to be damaged, too', externalId: 'eight' },
  { name: '＝1+1', externalId: "a;=1,＋2;'-3" },
];

beforeAll(async () => {
  api = await startTestService({ database });
  api.setNow(Date.parse('2026-06-15T12:00:00Z'));
  const unitNames = ['Vårdcentralen "Björken", norra', '=1+1'] as const;
  units = [await createUnit(api, { name: unitNames[0] }), await createUnit(api, { name: unitNames[1] })];
  caregivers = [];
  for (const [index, { name, externalId }] of people.entries()) {
    const unit = index % 3 === 2 ? undefined : index % 3;
    const id = await createCaregiver(api, {
      name,
      externalId,
      unitId: unit === undefined ? null : units[unit],
    });
    caregivers.push(id);
    known.set(id, { name, externalId, unit: unit === undefined ? null : (unitNames[unit] as string) });
  }
  // No use case lets control characters in; an export must be sound whatever lies in the database.
  for (const [place, name] of [
    [7, '\t=tab\r\nand two\nlines'],
    [8, '\r@return \u0001\u000b\u001f\ufffe\uffff\u0085 end'],
  ] as const) {
    const id = caregivers[place] as string;
    await tamper(api, sql`update caregiver set name = ${name} where id = ${Number(id)}`);
    known.set(id, { ...(known.get(id) as NonNullable<ReturnType<typeof known.get>>), name });
  }

  const kronor = await createEventType(api, { amount: 12_345 });
  const euros = await createEventType(api, { amount: 999, currency: 'EUR' });
  const borders = ['2026-01-31T23:00:00Z', '2026-02-28T23:00:00Z', '2026-03-31T22:00:00Z'].map(Date.parse);
  const times = borders.flatMap((border) => [border - 86_400_000, border - 1, border, border + 1]);
  const events = await registerPast(
    api,
    [...times, Date.parse('1955-07-01T00:00:00Z')].flatMap((time, index) =>
      caregivers.map((caregiverId, place) => ({
        caregiverId,
        eventTypeId: (index + place) % 3 === 0 ? euros : kronor,
        occurredAt: new Date(time).toISOString(),
      })),
    ),
  );
  const paid = events.filter((_event, index) => index % 3 === 1);
  await pay(api, { eventIds: paid.map((event) => event.id) });
  for (const event of events.filter((event, index) => index % 5 === 2 && !paid.includes(event))) {
    await remove(api, event.id);
  }
});

afterAll(() => api.close());

/** The rows of the report query with the columns of an export. */
async function expectedRows(filter: Filter) {
  const { rows } = await readReport(api, filter);
  return rows.map((row: Row) => {
    const caregiver = known.get(row.caregiver.id);
    if (!caregiver) throw new Error(`caregiver ${row.caregiver.id} is not known`);
    const cells = [
      row.month,
      Number(row.caregiver.id),
      caregiver.externalId,
      caregiver.name,
      caregiver.unit,
      row.currency,
      row.reimbursed.amount,
      row.reimbursed.events,
      row.unreimbursed.amount,
      row.unreimbursed.events,
      row.total.amount,
      row.total.events,
    ];
    return Object.fromEntries(columns.map((column, index) => [column, cells[index]]));
  });
}

/** What a cell of CSV must say: text that could be taken for a formula is guarded, and numbers are left alone. */
function csvCells(row: Record<string, unknown>): string[] {
  return Object.values(row).map((cell) => {
    if (typeof cell !== 'string') return cell === null ? '' : String(cell);
    return guardText(cell);
  });
}

function parameters(filter: Filter): string {
  return new URLSearchParams(
    Object.entries(filter).map(([name, value]): [string, string] => [name, String(value)]),
  ).toString();
}

function options(filter: Filter): string[] {
  const names = {
    caregiverIds: '--caregiver',
    unitIds: '--unit',
    fromMonth: '--from-month',
    toMonth: '--to-month',
    from: '--from',
    to: '--to',
  };
  return Object.entries(filter).flatMap(([name, values]) =>
    [values].flat().flatMap((value) => [names[name as keyof Filter], value as string]),
  );
}

async function download(query: string) {
  return api.server.inject({
    method: 'GET',
    url: `/report.csv?${query}`,
    headers: await adminHeader(),
  });
}

async function exported(...commandLine: string[]): Promise<string> {
  const { exitCode, output, errors } = await runCaretally(database, ['export', 'report', ...commandLine]);
  expect([exitCode, errors]).toEqual([0, '']);
  return output;
}

const filters: [string, () => Filter][] = [
  ['everything', () => ({})],
  ['whole months', () => ({ fromMonth: '2026-02', toMonth: '2026-03' })],
  [
    'a range that cuts a month at each end',
    () => ({ from: '2026-01-31T22:59:59.999Z', to: '2026-03-31T22:00:00.001Z' }),
  ],
  ['a range within a month', () => ({ from: '2026-02-28T22:59:59.999Z', to: '2026-02-28T23:00:00Z' })],
  ['a range without an end', () => ({ from: '2026-02-28T23:00:00.001Z' })],
  ['a range without a beginning', () => ({ to: '2026-01-31T23:59:59.999+01:00' })],
  ['some caregivers', () => ({ caregiverIds: caregivers.slice(1, 4) })],
  ['a unit', () => ({ unitIds: [units[1]], fromMonth: '2026-02' })],
  ['some caregivers of some units', () => ({ caregiverIds: caregivers.slice(0, 5), unitIds: units })],
  ['nobody', () => ({ caregiverIds: ['4711'] })],
];

describe.each(filters)('an export of %s has the rows of the report query', (_what, filter) => {
  test('as CSV, over HTTP and from the command line', async () => {
    const expected = await expectedRows(filter());
    const response = await download(parameters(filter()));
    expect(response.statusCode).toBe(200);
    const lines: string[][] = parse(response.body, { recordDelimiter: '\r\n' });
    expect(lines).toEqual([columns, ...expected.map(csvCells)]);
    expect(await exported(...options(filter()))).toBe(response.body);
  });

  test('as JSON and as XML', async () => {
    const expected = await expectedRows(filter());
    const [json, xml] = await Promise.all([
      exported('--format', 'json', ...options(filter())),
      exported('--format', 'xml', ...options(filter())),
    ]);
    expect(JSON.parse(json)).toEqual(expected);
    expect(json.trimEnd().split('\n')).toHaveLength(Math.max(expected.length, 1) + 2);
    const rows = parseXml(xml, 'report', 'row');
    expect(rows).toEqual(
      expected.map((row) =>
        Object.fromEntries(
          Object.entries(row)
            .filter(([, cell]) => cell !== null)
            .map(([column, cell]) => [column, String(cell).replace(forbiddenInXml, '\ufffd')]),
        ),
      ),
    );
  });
});

test('text that begins like a formula is made harmless in CSV, and numbers are not touched', async () => {
  const { body } = await download('');
  for (const cell of [
    `"'=HYPERLINK(""http://example.org"")"`,
    `"'@SUM(A1:A9)"`,
    `"'+46 70 123"`,
    `"'-1"`,
    `"'=1+1"`,
    `"'＝1+1"`,
    `"a;'=1,'＋2;''-3"`,
    `"'\t'=tab\r\nand two\nlines"`,
    `"'\r'@return`,
    `"'quoted already"`,
    '"007"',
  ]) {
    expect(body).toContain(`,${cell}`);
  }
  const cells = (parse(body, { recordDelimiter: '\r\n' }) as string[][]).flat();
  expect(cells.filter((cell) => /^[=+\-@\t\r]/.test(cell))).toEqual([]);
  // A negative sum is a number, though it begins like a formula.
  const turnRound = sql`update monthly_rollup set unreimbursed_amount = -unreimbursed_amount where caregiver_id = 1`;
  await tamper(api, turnRound);
  expect((await download('caregiverIds=1')).body).toMatch(/,-\d+,\d+,-?\d+,\d+\r\n/);
  await tamper(api, turnRound);
});

test('the download is an attachment in UTF-8 that no cache keeps', async () => {
  const { headers, rawPayload } = await download('');
  expect(headers).toMatchObject({
    'content-type': 'text/csv; charset=utf-8',
    'content-disposition': 'attachment; filename="report.csv"',
    'cache-control': 'no-store',
  });
  expect(rawPayload.includes(Buffer.from('Åsa ""Kajsa"" Öberg, docent', 'utf8'))).toBe(true);
});

describe('parameters of the download', () => {
  test('lists are separated by commas or given several times', async () => {
    const [first, second, third] = caregivers;
    const once = await download(`caregiverIds=${first},${second},${third}`);
    const several = await download(`caregiverIds=${first}&caregiverIds=${second},${third}`);
    expect(several.body).toBe(once.body);
    expect(new Set((parse(once.body, { from: 2 }) as string[][]).map((line) => line[1]))).toEqual(
      new Set([first, second, third]),
    );
  });

  test('an offset may be written as people see it, though a plus means a space in a URL', async () => {
    const plain = await download('from=2026-02-01T00:00:00+01:00');
    const encoded = await download('from=2026-02-01T00:00:00%2B01:00');
    expect([plain.statusCode, encoded.statusCode]).toEqual([200, 200]);
    expect(plain.body).toBe(encoded.body);
    expect(plain.body).toBe((await download('fromMonth=2026-02')).body);
  });

  const refused: [string, string, string][] = [
    [
      'caregiverIds=1,x',
      'caregiverIds[1]',
      'caregiverIds[1] must be an id as the service gave it, such as "17".',
    ],
    [
      'caregiverIds=',
      'caregiverIds[0]',
      'caregiverIds[0] must be an id as the service gave it, such as "17".',
    ],
    ['unitIds=-1', 'unitIds[0]', 'unitIds[0] must be an id as the service gave it, such as "17".'],
    ['fromMonth=2026-13', 'fromMonth', 'fromMonth must look like 2026-03, from 1900-01 to 2200-12.'],
    ['toMonth=march', 'toMonth', 'toMonth must look like 2026-03, from 1900-01 to 2200-12.'],
    [
      'fromMonth=2026-03&toMonth=2026-02',
      'toMonth',
      'toMonth must not lie before the beginning of the range.',
    ],
    [
      'from=2026-03-01T00:00:00',
      'from',
      'from must say its offset from UTC (Z, or for example +01:00): write it like 2026-03-01T14:30:00+01:00.',
    ],
    ['to=1066-10-14T12:00:00Z', 'to', 'to must lie between the years 1900 and 2200.'],
    [
      'fromMonth=2026-03&to=2026-04-01T00:00:00Z',
      'to',
      'Give the range either by fromMonth and toMonth or by from and to, not by both.',
    ],
    ['fromMonth=2026-03&fromMonth=2026-04', 'fromMonth', 'fromMonth must be given once.'],
    [
      'caregiverId=1',
      'caregiverId',
      'There is no parameter caregiverId; there are caregiverIds, unitIds, fromMonth, toMonth, from, to.',
    ],
  ];
  test.each(refused)('%s is refused', async (query, field, message) => {
    const response = await download(query);
    expect(response.statusCode).toBe(400);
    expect(response.headers['content-disposition']).toBeUndefined();
    expect(response.json()).toEqual({ error: { code: 'BAD_USER_INPUT', message, field } });
  });

  test('the refusals are those of the report query', async () => {
    const report = 'query ($filter: ReportFilter) { report(filter: $filter) { totals { currency } } }';
    for (const filter of [
      { caregiverIds: ['1', 'x'] },
      { fromMonth: '2026-03', toMonth: '2026-02' },
      { from: '2026-03-01T00:00:00' },
      { fromMonth: '2026-03', to: '2026-04-01T00:00:00Z' },
    ]) {
      const { message, extensions } = await api.failure(report, { filter });
      const { error } = (await download(parameters(filter))).json();
      expect(error).toEqual({ code: extensions?.code, field: extensions?.field, message });
    }
  });

  test('there is no HEAD, which would read everything and throw it away', async () => {
    const response = await api.server.inject({ method: 'HEAD', url: '/report.csv' });
    expect(response.statusCode).toBe(404);
  });
});

test('the command names its own options when it refuses', async () => {
  const refused = async (...commandLine: string[]) => {
    const result = await runCaretally(database, ['export', 'report', ...commandLine]);
    expect([result.exitCode, result.output]).toEqual([1, '']);
    return result.errors;
  };
  expect(await refused('--caregiver', 'x')).toBe(
    '--caregiver must be an id as the service gave it, such as "17".\n',
  );
  expect(await refused('--from-month', '2026-3')).toBe(
    '--from-month must look like 2026-03, from 1900-01 to 2200-12.\n',
  );
  expect(await refused('--from', '2026-03-01')).toMatch(/^from must be a date and time with an offset/);
  expect(await refused('--format', 'pdf')).toContain('Allowed choices are csv, json, xml.');
  expect(await refused('--json')).toMatch(/^--json needs --output/);
  const result = await runCaretally(database, ['export', 'everything']);
  expect(result.errors).toContain('Allowed choices are report, events.');
});
