import Database = require('better-sqlite3');

import { statSync } from 'node:fs';
import { type Databases, timeMs } from './databases';
import { ask } from './graphql';
import { type ServerProcess, startServer } from './serverProcess';
import { type Figure, median } from './table';

const caregivers = 500;
const requestsInRound = 15;

const tallies = 'reimbursed { amount events } unreimbursed { amount events } total { amount events }';

/** The reports that people ask for, and the statement that computes the same from the events. */
interface Shape {
  name: string;
  query: string;
  filter: object;
  groupBy: string;
}

function shapes(now: Date): Shape[] {
  const year = now.getUTCFullYear();
  const from = `${year - 5}-03-11T09:30:00.001Z`;
  const to = `${year - 1}-10-20T17:45:00.002Z`;
  const hundred = Array.from({ length: 100 }, (_, index) => String(index * 5 + 1));
  const sums = 'count(*), sum(amount), sum(case when payout_id is null then amount else 0 end)';
  const month = "strftime('%Y%m', occurred_at_ms / 1000, 'unixepoch')";
  return [
    {
      name: 'one caregiver, five years, by month',
      query: `{ totals { currency ${tallies} } rows(first: 100) { nodes { month currency ${tallies} caregiver { name } } } }`,
      filter: { caregiverIds: ['7'] },
      groupBy: `select ${month}, ${sums} from event where caregiver_id = 7 and deleted_at_ms is null group by 1`,
    },
    {
      name: '100 caregivers, a range that cuts two months',
      query: `{ totals { currency ${tallies} } rows(first: 100) { nodes { month currency ${tallies} caregiver { name } } } }`,
      filter: { caregiverIds: hundred, from, to },
      groupBy: `select caregiver_id, ${month}, ${sums} from event where caregiver_id in (${hundred.join(',')})
        and occurred_at_ms >= ${Date.parse(from)} and occurred_at_ms < ${Date.parse(to)} and deleted_at_ms is null group by 1, 2`,
    },
    {
      name: 'all caregivers, first page',
      query: `{ rows(first: 100) { nodes { month currency ${tallies} caregiver { name } } } }`,
      filter: {},
      groupBy: `select caregiver_id, ${month}, ${sums} from event where deleted_at_ms is null group by 1, 2`,
    },
    {
      name: 'all caregivers, totals',
      query: `{ totals { currency ${tallies} } }`,
      filter: {},
      groupBy: `select currency, ${sums} from event where deleted_at_ms is null group by 1`,
    },
  ];
}

interface Size {
  events: number;
  file: string;
  server: ServerProcess;
}

/**
 * What does a report cost as the data grow? Each against the same report over the smallest database, against a group
 * by over the events of the largest, and against an answer of as many bytes that reads nothing.
 */
export async function benchReports(
  databases: Databases,
  sizes: readonly number[],
  rounds: number,
): Promise<Figure[]> {
  const opened: Size[] = [];
  for (const events of sizes) {
    const file = databases.seeded(events, caregivers);
    const startMs = performance.now();
    const server = await startServer(file);
    process.stderr.write(`started on ${events} events in ${Math.round(performance.now() - startMs)} ms\n`);
    opened.push({ events, file, server });
  }
  const smallest = opened[0] as Size;
  const largest = opened.at(-1) as Size;
  const figures: Figure[] = [];
  for (const shape of shapes(new Date()))
    figures.push(...(await benchShape(shape, smallest, largest, rounds)));
  for (const { events, file, server } of opened) {
    const { residentBytes } = await ask<{ residentBytes: number }>(server.origin, '{ residentBytes }');
    process.stderr.write(
      `${events} events: ${(statSync(file).size / events).toFixed(0)} bytes an event on disk, ` +
        `${(residentBytes / 2 ** 20).toFixed(0)} MiB resident after the reports\n`,
    );
    await server.stop();
  }
  return figures;
}

async function benchShape(shape: Shape, smallest: Size, largest: Size, rounds: number): Promise<Figure[]> {
  const query = `query ($filter: ReportFilter) { report(filter: $filter) ${shape.query} }`;
  const answer = JSON.stringify(await ask(largest.server.origin, query, { filter: shape.filter }));
  const report = (size: Size) => () => ask(size.server.origin, query, { filter: shape.filter });
  const nothing = () => ask(largest.server.origin, `{ bytes(count: ${answer.length}) }`);
  const database = new Database(largest.file, { readonly: true });
  const groupBy = database.prepare(shape.groupBy);

  const times: Record<'large' | 'small' | 'nothing' | 'groupBy', number[]> = {
    large: [],
    small: [],
    nothing: [],
    groupBy: [],
  };
  for (let round = -1; round < rounds; round += 1) {
    const small = await typicalMs(report(smallest));
    const large = await typicalMs(report(largest));
    const empty = await typicalMs(nothing);
    const grouped = await timeMs(() => groupBy.all());
    if (round < 0) continue;
    times.small.push(small);
    times.large.push(large);
    times.nothing.push(empty);
    times.groupBy.push(grouped);
  }
  database.close();
  const ms = (values: readonly number[]) => `${median(values).toFixed(1)} ms`;
  const over = (above: readonly number[], below: readonly number[]) =>
    above.map((value, round) => value / (below[round] as number));
  return [
    {
      name: `${shape.name}: over ${count(largest)} : over ${count(smallest)} events`,
      ratios: over(times.large, times.small),
      remark: `${ms(times.large)} : ${ms(times.small)}`,
      atMost: 1.3,
    },
    {
      name: `${shape.name}: group by over ${count(largest)} events : the report`,
      ratios: over(times.groupBy, times.large),
      remark: `${ms(times.groupBy)} : ${ms(times.large)}`,
    },
    {
      name: `${shape.name}: the report : as many bytes, nothing read`,
      ratios: over(times.large, times.nothing),
      remark: `${ms(times.large)} : ${ms(times.nothing)}, ${answer.length.toLocaleString('en')} bytes`,
    },
  ];
}

/** The median of some requests, one after the other. */
async function typicalMs(request: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let index = 0; index < requestsInRound; index += 1) times.push(await timeMs(request));
  return median(times);
}

function count(size: Size): string {
  return size.events.toLocaleString('en');
}
