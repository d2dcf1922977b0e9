import type { Databases } from './databases';
import { ask } from './graphql';
import { inTurn, timeMs } from './inTurn';
import { createInputs, createPeople } from './people';
import { startServer } from './serverProcess';
import { type Figure, ratios } from './table';

const batchEvents = 1_000;
const batches = 60;
const connections = 4;
const wantedPerSecond = 30_000;

/** How fast are batches of 1,000 over HTTP? Against the same request and answer on the same server, doing nothing. */
export async function benchBatches(databases: Databases, rounds: number): Promise<Figure[]> {
  const server = await startServer(await databases.create('batches'));
  const nextInput = createInputs(await createPeople(server.origin));
  const send = (field: string) => async () => {
    let left = batches;
    const sender = async () => {
      for (; left > 0; left -= 1) await sendBatch(server.origin, nextInput, batchEvents, field);
    };
    return timeMs(() => Promise.all(Array.from({ length: connections }, sender)));
  };
  const times = await inTurn(rounds, {
    nothing: send('registerNothings'),
    registered: send('registerEvents'),
  });
  await server.stop();

  const speeds = times.registered.map((ms) => Math.round((batches * batchEvents) / (ms / 1000)));
  const [slowest, fastest] = [Math.min(...speeds), Math.max(...speeds)].map((speed) =>
    speed.toLocaleString('en'),
  );
  const remark = `${slowest} to ${fastest} events/s, ${connections} connections`;
  return [
    {
      name: 'registerEvents, batches of 1,000 : the same request doing nothing',
      ratios: ratios(times.nothing, times.registered),
      remark,
    },
    {
      name: `registerEvents, batches of 1,000, events a second : the ${wantedPerSecond.toLocaleString('en')} wanted`,
      ratios: ratios(speeds, wantedPerSecond),
      remark,
      atLeast: 1,
    },
  ];
}

/** Registers so many events in one request. @throws when one of them is refused */
export async function sendBatch(
  origin: string,
  nextInput: () => object,
  events: number,
  field = 'registerEvents',
): Promise<void> {
  const answer = await ask<Record<string, { error: object | null }[]>>(
    origin,
    `mutation ($inputs: [RegisterEventInput!]!) { ${field}(inputs: $inputs) { index replayed error { code } } }`,
    { inputs: Array.from({ length: events }, nextInput) },
  );
  const refused = answer[field]?.find((outcome) => outcome.error !== null);
  if (refused) throw new Error(JSON.stringify(refused));
}
