import autocannon from 'autocannon';
import type { Databases } from './databases';
import { ask } from './graphql';
import { startServer } from './serverProcess';
import { type Figure, median } from './table';

const connections = 64;
const roundSeconds = 4;

const operation = (field: string) =>
  `mutation ($input: RegisterEventInput!) { ${field}(input: $input) { event { id } replayed } }`;

interface Load {
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
}

/**
 * How fast is a durable registration over HTTP? Against a mutation on the same server that takes and answers the same
 * and does nothing (the ceiling), against the smallest mutation there is, and against the same service with a
 * transaction for each mutation; all in turn, round by round.
 */
export async function benchRegisterEvent(databases: Databases, rounds: number): Promise<Figure[]> {
  const grouped = await startServer(databases.path('grouped.db'));
  const alone = await startServer(databases.path('alone.db'), 1);
  const people = { grouped: await createPeople(grouped.origin), alone: await createPeople(alone.origin) };
  const loads: Record<'registered' | 'nothing' | 'smallest' | 'single', Load[]> = {
    registered: [],
    nothing: [],
    smallest: [],
    single: [],
  };
  for (let round = -1; round < rounds; round += 1) {
    const nothing = await measure(grouped.origin, bodies('registerNothing', people.grouped));
    const registered = await measure(grouped.origin, bodies('registerEvent', people.grouped));
    const smallest = await measure(grouped.origin, () => '{"query":"mutation { nothing }"}');
    const single = await measure(alone.origin, bodies('registerEvent', people.alone));
    // The first round warms up.
    if (round < 0) continue;
    loads.nothing.push(nothing);
    loads.registered.push(registered);
    loads.smallest.push(smallest);
    loads.single.push(single);
  }
  await grouped.stop();
  await alone.stop();

  const ratios = (below: Load[]) =>
    loads.registered.map((load, round) => load.perSecond / (below[round] as Load).perSecond);
  const remark = (below: Load[]) =>
    `${describe(loads.registered)} : ${describe(below)}; ${connections} connections`;
  return [
    {
      name: 'registerEvent, durable : the same request doing nothing',
      ratios: ratios(loads.nothing),
      remark: remark(loads.nothing),
      atLeast: 0.7,
    },
    {
      name: 'registerEvent, durable : the smallest mutation, doing nothing',
      ratios: ratios(loads.smallest),
      remark: remark(loads.smallest),
    },
    {
      name: 'registerEvent, group commit : one transaction for each',
      ratios: ratios(loads.single),
      remark: remark(loads.single),
    },
  ];
}

function describe(loads: readonly Load[]): string {
  const perSecond = Math.round(median(loads.map((load) => load.perSecond)));
  const p50Ms = median(loads.map((load) => load.p50Ms));
  const p99Ms = median(loads.map((load) => load.p99Ms));
  return `${perSecond.toLocaleString('en')}/s (p50 ${p50Ms} ms, p99 ${p99Ms} ms)`;
}

export interface People {
  caregiverIds: string[];
  eventTypeId: string;
}

/** Caregivers and an event type to register events with. */
export async function createPeople(origin: string): Promise<People> {
  const caregiverIds: string[] = [];
  for (let index = 0; index < 200; index += 1) {
    const { createCaregiver } = await ask<{ createCaregiver: { id: string } }>(
      origin,
      `mutation { createCaregiver(input: { name: "Caregiver ${index}" }) { id } }`,
    );
    caregiverIds.push(createCaregiver.id);
  }
  const { createEventType } = await ask<{ createEventType: { id: string } }>(
    origin,
    'mutation { createEventType(input: { name: "Visit", amount: 42000 }) { id } }',
  );
  return { caregiverIds, eventTypeId: createEventType.id };
}

/** Bodies of requests: caregivers in turn, times within the last hours. */
function bodies(field: string, { caregiverIds, eventTypeId }: People): () => string {
  const query = operation(field);
  let count = 0;
  return () => {
    count += 1;
    const caregiverId = caregiverIds[count % caregiverIds.length];
    const occurredAt = new Date(Date.now() - ((count * 7919) % 36_000_000)).toISOString();
    return JSON.stringify({ query, variables: { input: { caregiverId, eventTypeId, occurredAt } } });
  };
}

async function measure(origin: string, body: () => string): Promise<Load> {
  const result = await autocannon({
    url: `${origin}/graphql`,
    connections,
    duration: roundSeconds,
    requests: [
      {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        setupRequest: (request) => ({ ...request, body: body() }),
      },
    ],
    verifyBody: (answer) => !String(answer).includes('"errors"'),
  });
  if (result.non2xx > 0 || result.mismatches > 0 || result.errors > 0) {
    throw new Error(
      `${result.non2xx} refusals, ${result.mismatches} wrong answers, ${result.errors} broken connections`,
    );
  }
  return { perSecond: result.requests.average, p50Ms: result.latency.p50, p99Ms: result.latency.p99 };
}
