/**
 * Measures several things in turn, round by round, so that a machine that is slower for a while is slower for all of
 * them. The first round warms up and is left out.
 */
export async function inTurn<Name extends string, Value>(
  rounds: number,
  measures: Record<Name, () => Promise<Value>>,
): Promise<Record<Name, Value[]>> {
  const names = Object.keys(measures) as Name[];
  const values = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, Value[]>;
  for (let round = -1; round < rounds; round += 1) {
    for (const name of names) {
      const value = await measures[name]();
      if (round >= 0) values[name].push(value);
    }
  }
  return values;
}

/** How long something takes, in milliseconds. */
export async function timeMs(work: () => unknown): Promise<number> {
  const startedMs = performance.now();
  await work();
  return performance.now() - startedMs;
}

/** The median of some requests, one after the other, in milliseconds. */
export async function typicalMs(requests: number, request: () => unknown): Promise<number> {
  const times: number[] = [];
  for (let index = 0; index < requests; index += 1) times.push(await timeMs(request));
  return median(times);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
