import type { Sql } from 'sql-template-tag';
import { everybody } from '../src/platform/access/scope';
import { readConfig } from '../src/platform/config';
import { compile } from '../src/platform/storage/core/dialect';
import { postgresDialect } from '../src/platform/storage/postgres/postgresDialect';
import { sqliteDialect } from '../src/platform/storage/sqlite/sqliteDialect';
import { createCalendar } from '../src/platform/values/months';
import { reportPage } from '../src/reimbursements/reports/readReport';
import { type Databases, seeded } from './databases';
import { ask } from './graphql';
import { inTurn, timeMs, typicalMs } from './inTurn';
import { type ServerProcess, startServer } from './serverProcess';
import { type Figure, formatMs, ratios } from './table';

/** So few that each has events in each month also in the smallest database: the rollup has as many rows in all. */
export const caregivers = 500;
const requestsInRound = 15;
const rowsInPage = 100;

const tallies = 'reimbursed { amount events } unreimbursed { amount events } total { amount events }';
const totals = `totals { currency ${tallies} }`;
const rows = `rows(first: ${rowsInPage}) { nodes { month currency ${tallies} caregiver { name } } }`;

/** The reports that people ask for, and the statement that computes the same from the events. */
interface Shape {
  name: string;
  query: string;
  filter: object;
  groupBy: string;
  /** The report's own statement, where HTTP takes so much longer that it would hide what the rollup gains. */
  statement?: Sql;
}

function shapes(engine: Databases['engine'], now: Date): Shape[] {
  const year = now.getUTCFullYear();
  const from = `${year - 5}-03-11T09:30:00.001Z`;
  const to = `${year - 1}-10-20T17:45:00.002Z`;
  const hundred = Array.from({ length: 100 }, (_, index) => String(index * 5 + 1));
  const sums = 'count(*), sum(amount), sum(case when payout_id is null then amount else 0 end)';
  const month = {
    sqlite: "strftime('%Y%m', occurred_at_ms / 1000, 'unixepoch')",
    postgres: "to_char(to_timestamp(occurred_at_ms / 1000), 'YYYYMM')",
  }[engine];
  return [
    {
      name: 'one caregiver, five years, by month',
      query: `{ ${totals} ${rows} }`,
      filter: { caregiverIds: ['7'] },
      groupBy: `select ${month}, ${sums} from event where caregiver_id = 7 and deleted_at_ms is null group by 1`,
      statement: reportPage(
        { scope: everybody, caregiverIds: [7], range: { fromMs: null, toMs: null } },
        createCalendar(readConfig().timeZone),
        rowsInPage + 1,
        undefined,
      ),
    },
    {
      name: '100 caregivers, a range that cuts two months',
      query: `{ ${totals} ${rows} }`,
      filter: { caregiverIds: hundred, from, to },
      groupBy: `select caregiver_id, ${month}, ${sums} from event where caregiver_id in (${hundred.join(',')})
        and occurred_at_ms >= ${Date.parse(from)} and occurred_at_ms < ${Date.parse(to)} and deleted_at_ms is null group by 1, 2`,
    },
    {
      name: 'all caregivers, first page',
      query: `{ ${rows} }`,
      filter: {},
      groupBy: `select caregiver_id, ${month}, ${sums} from event where deleted_at_ms is null group by 1, 2`,
    },
    {
      name: 'all caregivers, totals',
      query: `{ ${totals} }`,
      filter: {},
      groupBy: `select currency, ${sums} from event where deleted_at_ms is null group by 1`,
    },
  ];
}

interface Size {
  events: number;
  url: string;
  server: ServerProcess;
}

/**
 * What does a report cost as the data grow? Each against the same report over the smallest database, against a group
 * by over the events of the largest, and against an answer of as many bytes that reads nothing.
 * @param timesGroupBy how many times faster than the group by it should be, where there is a goal
 */
export async function benchReports(
  databases: Databases,
  sizes: readonly number[],
  rounds: number,
  timesGroupBy: number | undefined,
): Promise<Figure[]> {
  const opened: Size[] = [];
  for (const events of sizes) {
    const url = await seeded(databases, events, caregivers);
    opened.push({ events, url, server: await startServer(url) });
  }
  const figures: Figure[] = [];
  for (const shape of shapes(databases.engine, new Date()))
    figures.push(...(await benchShape(databases, shape, opened, rounds, timesGroupBy)));
  for (const { server } of opened) await server.stop();
  return figures;
}

async function benchShape(
  databases: Databases,
  shape: Shape,
  sizes: readonly Size[],
  rounds: number,
  timesGroupBy: number | undefined,
): Promise<Figure[]> {
  const { name, filter, statement } = shape;
  const largest = sizes.at(-1) as Size;
  const query = `query ($filter: ReportFilter) { report(filter: $filter) ${shape.query} }`;
  const report = ({ server }: Size) => ask(server.origin, query, { filter });
  const answer = JSON.stringify(await report(largest));
  const nothing = () => ask(largest.server.origin, `{ bytes(count: ${answer.length}) }`);
  const database = await databases.connect(largest.url);
  const dialect = databases.engine === 'sqlite' ? sqliteDialect : postgresDialect;
  const compiled = statement && compile(statement, dialect);

  const bySize = sizes.map((size) => [
    String(size.events),
    () => typicalMs(requestsInRound, () => report(size)),
  ]);
  const times = await inTurn<string, number>(rounds, {
    ...Object.fromEntries(bySize),
    nothing: () => typicalMs(requestsInRound, nothing),
    groupBy: () => timeMs(() => database.all(shape.groupBy)),
    direct: () =>
      typicalMs(requestsInRound, () => compiled && database.all(dialect.textOf(compiled), compiled.values)),
  });
  await database.close();

  const timesOf = (key: string | number) => times[key] as number[];
  const reportMs = timesOf(largest.events);
  const directMs = timesOf('direct');
  const groupByMs = timesOf('groupBy');
  return [
    growthFigure(
      `${name}`,
      sizes.map(({ events }) => ({ events, timesMs: timesOf(events) })),
      1.3,
    ),
    {
      name: `${name}: group by over ${count(largest.events)} events : the report`,
      ratios: ratios(groupByMs, reportMs),
      remark: `${formatMs(groupByMs)} : ${formatMs(reportMs)}`,
      atLeast: statement ? undefined : timesGroupBy,
    },
    ...(statement
      ? [
          {
            name: `${name}: the same without HTTP, on the database`,
            ratios: ratios(groupByMs, directMs),
            remark: `${formatMs(groupByMs)} : ${formatMs(directMs)}`,
            atLeast: timesGroupBy,
          },
        ]
      : []),
    {
      name: `${name}: the report : as many bytes, nothing read`,
      ratios: ratios(reportMs, timesOf('nothing')),
      remark: `${formatMs(reportMs)} : ${formatMs(timesOf('nothing'))}, ${count(answer.length)} bytes`,
    },
  ];
}

/** What something costs over the largest database against the smallest, with those between them in the remark. */
export function growthFigure(
  name: string,
  sizes: readonly { events: number; timesMs: readonly number[] }[],
  atMost?: number,
): Figure {
  const largestFirst = [...sizes].reverse();
  const [largest, smallest] = [largestFirst[0], largestFirst.at(-1)];
  if (!largest || !smallest) throw new Error('there is no size to compare');
  return {
    name: `${name}: over ${count(largest.events)} : over ${count(smallest.events)} events`,
    ratios: ratios(largest.timesMs, smallest.timesMs),
    remark: largestFirst.map(({ timesMs }) => formatMs(timesMs)).join(' : '),
    atMost,
  };
}

function count(value: number): string {
  return value.toLocaleString('en');
}
