import type { Databases } from './databases';
import { inTurn, median } from './inTurn';
import { connections, type Load, measureLoad, registerBodies } from './load';
import { createInputs, createPeople } from './people';
import { startServer } from './serverProcess';
import { type Figure, ratios } from './table';

const allowedP99Ms = 60;
const goals = {
  sqlite: { ofCeiling: 0.85, timesAlone: 4 },
  postgres: { ofCeiling: undefined, timesAlone: 3 },
};

/**
 * How fast is a durable registration over HTTP? Against a mutation on the same server that takes and answers the same
 * and does nothing (the ceiling), against the smallest mutation there is, and against the same service with a
 * transaction for each mutation; all in turn, round by round.
 */
export async function benchRegisterEvent(
  databases: Databases,
  rounds: number,
  seconds: number,
): Promise<Figure[]> {
  const grouped = await startServer(await databases.create('grouped'));
  const alone = await startServer(await databases.create('alone'), 1);
  const inputs = createInputs(await createPeople(grouped.origin));
  const inputsAlone = createInputs(await createPeople(alone.origin));
  const loads = await inTurn(rounds, {
    nothing: () => measureLoad(grouped.origin, registerBodies(inputs, 'registerNothing'), seconds),
    registered: () => measureLoad(grouped.origin, registerBodies(inputs), seconds),
    smallest: () => measureLoad(grouped.origin, () => '{"query":"mutation { nothing }"}', seconds),
    single: () => measureLoad(alone.origin, registerBodies(inputsAlone), seconds),
  });
  await grouped.stop();
  await alone.stop();

  const against = (below: Load[]) => ({
    ratios: ratios(loads.registered.map(perSecond), below.map(perSecond)),
    remark: `${describe(loads.registered)} : ${describe(below)}; ${connections} connections`,
  });
  const p99Ms = loads.registered.map((load) => load.p99Ms);
  return [
    {
      name: 'registerEvent, durable : the same request doing nothing',
      ...against(loads.nothing),
      atLeast: goals[databases.engine].ofCeiling,
    },
    {
      name: 'registerEvent, durable : the smallest mutation, doing nothing',
      ...against(loads.smallest),
    },
    {
      name: 'registerEvent, group commit : one transaction for each',
      ...against(loads.single),
      atLeast: goals[databases.engine].timesAlone,
    },
    {
      name: `registerEvent, p99 : the ${allowedP99Ms} ms allowed`,
      ratios: ratios(p99Ms, allowedP99Ms),
      remark: `${median(p99Ms)} ms; ${connections} connections`,
      atMost: 1,
    },
  ];
}

function perSecond(load: Load): number {
  return load.perSecond;
}

function describe(loads: readonly Load[]): string {
  const p50Ms = median(loads.map((load) => load.p50Ms));
  const p99Ms = median(loads.map((load) => load.p99Ms));
  return `${Math.round(median(loads.map(perSecond))).toLocaleString('en')}/s (p50 ${p50Ms} ms, p99 ${p99Ms} ms)`;
}
