import { type Databases, seeded } from './databases';
import { ask } from './graphql';
import { inTurn, median, timeMs, typicalMs } from './inTurn';
import { measureLoad, registerBodies, registerOperation } from './load';
import { createInputsWithIds, seededPeople } from './people';
import { caregivers, growthFigure } from './reports';
import { type ServerProcess, startService } from './serverProcess';
import { type Figure, formatMegabytes, formatMs, ratios } from './table';

const requestsInRound = 40;
const loadSeconds = 2;
const allowedStartMs = 1_000;
const allowedBytesPerEvent = 120;
const allowedResidentBytes = 200e6;

interface Size {
  events: number;
  /** A copy, to write to. */
  url: string;
}

/** What does the service itself cost as the data grow: starting it, registering, memory, disk? */
export async function benchGrowth(
  databases: Databases,
  sizes: readonly number[],
  rounds: number,
): Promise<Figure[]> {
  const copies: Size[] = [];
  for (const events of sizes) {
    const original = await seeded(databases, events, caregivers);
    copies.push({ events, url: await databases.copy(original, `growth_${events}`) });
  }
  const figures = [
    await diskFigure(databases, copies.at(-1) as Size),
    ...(await startFigures(copies, rounds)),
    ...(await registerFigures(copies, rounds)),
  ];
  for (const { url } of copies) await databases.remove(url);
  return figures;
}

async function diskFigure(databases: Databases, { events, url }: Size): Promise<Figure> {
  const bytes = (await databases.bytes(url)) / events;
  return {
    name: `disk for each of ${events.toLocaleString('en')} events, with indexes and rollups : the ${allowedBytesPerEvent} bytes allowed`,
    ratios: ratios([bytes], allowedBytesPerEvent),
    remark: `${bytes.toFixed(1)} bytes`,
    atMost: 1,
  };
}

async function startFigures(sizes: readonly Size[], rounds: number): Promise<Figure[]> {
  const start = async ({ url }: Size) => {
    let server: ServerProcess | undefined;
    const ms = await timeMs(async () => {
      server = await startService(url);
    });
    await server?.stop();
    return ms;
  };
  const times = await inTurn<string, number>(rounds, bySize(sizes, start));
  const largest = sizes.at(-1) as Size;
  const largestMs = times[largest.events] as number[];
  return [
    growthFigure('start until /health/ready', withTimes(sizes, times)),
    {
      name: `start until /health/ready, over ${largest.events.toLocaleString('en')} events : the second allowed`,
      ratios: ratios(largestMs, allowedStartMs),
      remark: formatMs(largestMs),
      atMost: 1,
    },
  ];
}

/** One registration after the other, then many at a time; and what memory the service has after them and a report. */
async function registerFigures(sizes: readonly Size[], rounds: number): Promise<Figure[]> {
  const servers = new Map<Size, ServerProcess>();
  for (const size of sizes) servers.set(size, await startService(size.url));
  const origin = (size: Size) => (servers.get(size) as ServerProcess).origin;
  const nextInput = createInputsWithIds(seededPeople(caregivers));

  const single = await inTurn<string, number>(
    rounds,
    bySize(sizes, (size) =>
      typicalMs(requestsInRound, () => ask(origin(size), registerOperation(), { input: nextInput() })),
    ),
  );
  const loads = await inTurn<string, number>(
    rounds,
    bySize(sizes, async (size) => {
      const { perSecond } = await measureLoad(origin(size), registerBodies(nextInput), loadSeconds);
      return 1_000 / perSecond;
    }),
  );
  const largest = sizes.at(-1) as Size;
  for (let report = 0; report < requestsInRound; report += 1) {
    await ask(origin(largest), '{ report { totals { currency } rows(first: 1000) { nodes { month } } } }');
  }
  const peaks = new Map<Size, number>();
  for (const [size, server] of servers) peaks.set(size, await server.stop());
  const peakBytes = peaks.get(largest) as number;
  const perSecond = (size: Size) =>
    Math.round(1_000 / median(loads[size.events] as number[])).toLocaleString('en');
  return [
    growthFigure('registerEvent, one after the other', withTimes(sizes, single)),
    {
      ...growthFigure('registerEvent, 64 connections', withTimes(sizes, loads)),
      remark: `${[...sizes].reverse().map(perSecond).join(' : ')} events/s`,
    },
    {
      name: `peak of resident memory, serving ${largest.events.toLocaleString('en')} events : the ${allowedResidentBytes / 1e6} MB allowed`,
      ratios: ratios([peakBytes], allowedResidentBytes),
      remark: formatMegabytes([peakBytes]),
      atMost: 1,
    },
  ];
}

function bySize<Value>(
  sizes: readonly Size[],
  measure: (size: Size) => Promise<Value>,
): Record<string, () => Promise<Value>> {
  return Object.fromEntries(sizes.map((size) => [String(size.events), () => measure(size)]));
}

function withTimes(sizes: readonly Size[], times: Record<string, number[]>) {
  return sizes.map(({ events }) => ({ events, timesMs: times[events] as number[] }));
}
