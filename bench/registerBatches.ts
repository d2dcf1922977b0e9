import { type Databases, timeMs } from './databases';
import { ask } from './graphql';
import { createPeople } from './registerEvent';
import { startServer } from './serverProcess';
import type { Figure } from './table';

const batchEvents = 1_000;
const batches = 60;
const connections = 4;

const operation = (field: string) =>
  `mutation ($inputs: [RegisterEventInput!]!) { ${field}(inputs: $inputs) { index replayed error { code } } }`;

/** How fast are batches of 1,000 over HTTP? Against the same request and answer on the same server, doing nothing. */
export async function benchBatches(databases: Databases, rounds: number): Promise<Figure[]> {
  const server = await startServer(databases.path('batches.db'));
  const { caregiverIds, eventTypeId } = await createPeople(server.origin);
  let count = 0;
  const inputs = () =>
    Array.from({ length: batchEvents }, () => {
      count += 1;
      return {
        caregiverId: caregiverIds[count % caregiverIds.length],
        eventTypeId,
        occurredAt: new Date(Date.now() - ((count * 7919) % 36_000_000)).toISOString(),
      };
    });
  const send = async (field: string) => {
    let left = batches;
    const sender = async () => {
      for (; left > 0; left -= 1) await ask(server.origin, operation(field), { inputs: inputs() });
    };
    await Promise.all(Array.from({ length: connections }, sender));
  };

  const ratios: number[] = [];
  const perSecond: number[] = [];
  for (let round = -1; round < rounds; round += 1) {
    const nothingMs = await timeMs(() => send('registerNothings'));
    const registeredMs = await timeMs(() => send('registerEvents'));
    if (round < 0) continue;
    ratios.push(nothingMs / registeredMs);
    perSecond.push((batches * batchEvents) / (registeredMs / 1000));
  }
  await server.stop();
  const speeds = perSecond.map((value) => Math.round(value)).sort((left, right) => left - right);
  return [
    {
      name: 'registerEvents, batches of 1,000 : the same request doing nothing',
      ratios,
      remark: `${(speeds[0] as number).toLocaleString('en')} to ${(speeds.at(-1) as number).toLocaleString('en')} events/s (goal: 30,000), ${connections} connections`,
    },
  ];
}
