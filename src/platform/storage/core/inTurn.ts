/** Lends each task one of a few things to itself; tasks wait in line, in the order in which they came. */
export function inTurn<Thing>(
  things: readonly Thing[],
): <Value>(task: (thing: Thing) => Promise<Value>) => Promise<Value> {
  const free = [...things];
  const waiting: ((thing: Thing) => void)[] = [];
  return async (task) => {
    const thing = free.pop() ?? (await new Promise<Thing>((resolve) => waiting.push(resolve)));
    try {
      return await task(thing);
    } finally {
      const next = waiting.shift();
      if (next) next(thing);
      else free.push(thing);
    }
  };
}
