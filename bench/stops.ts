import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { runCaretally } from './command';
import { type Databases, seeded } from './databases';
import { ask } from './graphql';
import { inTurn } from './inTurn';
import { measureLoad, registerBodies, registerOperation } from './load';
import { createInputsWithIds, seededPeople } from './people';
import { sendBatch } from './registerBatches';
import { caregivers } from './reports';
import { startServer } from './serverProcess';
import { type Figure, formatMs, ratios } from './table';

const allowedMs = 50;
const batchEvents = 10_000;
const batches = 6;
const aloneMs = 3_000;
const loadSeconds = 2;

/** How long does anything stop the event loop, and with it every request, of a service that is in use? */
export async function benchStops(databases: Databases, events: number, rounds: number): Promise<Figure[]> {
  const url = await databases.copy(await seeded(databases, events, caregivers), 'stops');
  const server = await startServer(url);
  const { origin } = server;
  const nextInput = createInputsWithIds(seededPeople(caregivers));

  const longestStopMs = async (work: () => Promise<unknown>) => {
    const longest = () => ask<{ longestStopMs: number }>(origin, '{ longestStopMs }');
    await longest(); // begins anew
    await work();
    return (await longest()).longestStopMs;
  };
  const inUse = (work: () => Promise<unknown>) => () =>
    longestStopMs(async () => {
      const stop = use(origin, nextInput);
      try {
        await work();
      } finally {
        await stop();
      }
    });
  const load = (field: string) => () =>
    longestStopMs(() => measureLoad(origin, registerBodies(nextInput, field), loadSeconds));
  const sendBatches = (field: string) => () =>
    longestStopMs(async () => {
      for (let batch = 0; batch < batches; batch += 1) await sendBatch(origin, nextInput, batchEvents, field);
    });
  const stops = await inTurn(rounds, {
    'in use': inUse(() => sleep(aloneMs)),
    'in use, the command verify beside it': inUse(() => runCaretally(url, ['verify'], text)),
    'in use, the command rebuild beside it': inUse(() => runCaretally(url, ['rebuild'], text)),
    'in use, verifying inside': inUse(() => ask(origin, 'mutation { verifyRollups }')),
    'in use, rebuilding inside': inUse(() => ask(origin, 'mutation { rebuildRollups }')),
    'registerEvent, 64 connections': load('registerEvent'),
    'registerNothing, 64 connections': load('registerNothing'),
    'registerEvents, batches of 10,000': sendBatches('registerEvents'),
    'registerNothings, batches of 10,000': sendBatches('registerNothings'),
  });
  await server.stop();
  await databases.remove(url);
  return Object.entries(stops).map(([name, times]) => ({
    name: `longest stop over ${events.toLocaleString('en')} events, ${name} : the ${allowedMs} ms allowed`,
    ratios: ratios(times, allowedMs),
    remark: formatMs(times),
    // Those that do nothing are there to compare with.
    atMost: name.includes('Nothing') ? undefined : 1,
  }));
}

/** Registers and reads reports now and then, as people do all day, until it is told to stop. */
function use(origin: string, nextInput: () => object): () => Promise<void> {
  let stopped = false;
  const often = async (pauseMs: number, request: () => Promise<unknown>) => {
    while (!stopped) {
      await request();
      await sleep(pauseMs);
    }
  };
  const register = () => ask(origin, registerOperation(), { input: nextInput() });
  const report = () =>
    ask(origin, '{ report { totals { currency total { amount } } rows(first: 100) { nodes { month } } } }');
  const users = [often(5, register), often(5, register), often(5, register), often(50, report)];
  return async () => {
    stopped = true;
    await Promise.all(users);
  };
}
