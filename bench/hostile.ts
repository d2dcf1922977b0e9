import { setTimeout as sleep } from 'node:timers/promises';
import type { Databases } from './databases';
import { ask } from './graphql';
import { inTurn, median } from './inTurn';
import { registerOperation } from './load';
import { createInputs, createPeople } from './people';
import { startServer } from './serverProcess';
import { signedIn } from './signedIn';
import { type Figure, formatMs, ratios } from './table';

const neighbourRequests = 60;
const pauseMs = 5;
/** As often as one principal may ask: 6,000 times a minute. The servers of the benchmarks count nobody's requests. */
const attackEveryMs = 10;

/** What hostile clients send: each was, or would be, seconds of the processor without limits. */
const attacks: Record<string, string> = {
  '40,000 repeated fields': operation(`{ ${'ping '.repeat(40_000)} }`),
  'fields 10,000 deep': operation('{ a '.repeat(10_000)),
  '1,000 aliases': operation(`{ ${Array.from({ length: 1_000 }, (_, at) => `a${at}: ping`).join(' ')} }`),
  '50,000 unknown keys': operation(registerOperation(), {
    input: Object.fromEntries(Array.from({ length: 50_000 }, (_, at) => [`caregiver${at}`, at])),
  }),
  'a million pages': operation('{ payouts(first: 1000) { nodes { events(first: 1000) { nodes { id } } } } }'),
  'as many fields as are let through, checked anew each time': '',
};

function operation(query: string, variables: object = {}): string {
  return JSON.stringify({ query, variables });
}

/**
 * How much slower is a well-behaved client while a hostile one sends as often as the limits let it? The latency of one that
 * registers events now and then, against the same with nobody beside it.
 */
export async function benchHostile(databases: Databases, rounds: number): Promise<Figure[]> {
  const server = await startServer(await databases.create('hostile'));
  const { origin } = server;
  const nextInput = createInputs(await createPeople(origin));
  const latencyMs = async () => {
    const times: number[] = [];
    for (let count = 0; count < neighbourRequests; count += 1) {
      const startedMs = performance.now();
      await ask(origin, registerOperation(), { input: nextInput() });
      times.push(performance.now() - startedMs);
      await sleep(pauseMs);
    }
    return median(times);
  };
  const beside = (body: string) => async () => {
    const stop = await attack(origin, body);
    try {
      return await latencyMs();
    } finally {
      await stop();
    }
  };
  const measured = await inTurn(rounds, {
    alone: latencyMs,
    ...Object.fromEntries(Object.entries(attacks).map(([name, body]) => [name, beside(body)])),
  } as Record<string, () => Promise<number>>);
  await server.stop();
  const alone = measured.alone as number[];
  return Object.keys(attacks).map((name) => ({
    name: `registerEvent beside ${name} : alone`,
    ratios: ratios(measured[name] as number[], alone),
    remark: `${formatMs(measured[name] as number[])} : ${formatMs(alone)}`,
    atMost: 2,
  }));
}

/** A client that sends the same again and again, without waiting for answers. @returns how to stop it */
async function attack(origin: string, body: string): Promise<() => Promise<void>> {
  const headers = { 'content-type': 'application/json', ...(await signedIn()) };
  const underWay = new Set<Promise<unknown>>();
  let sent = 0;
  const timer = setInterval(() => {
    sent += 1;
    const answered = fetch(`${origin}/graphql`, { method: 'POST', headers, body: body || unseen(sent) })
      .then((response) => response.arrayBuffer())
      .finally(() => underWay.delete(answered));
    underWay.add(answered);
  }, attackEveryMs);
  return async () => {
    clearInterval(timer);
    await Promise.all(underWay);
  };
}

function unseen(count: number): string {
  return operation(`{ ${Array.from({ length: 990 }, (_, at) => `f${at}_${count}`).join(' ')} }`);
}
