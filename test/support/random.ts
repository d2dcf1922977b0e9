import { createRandom, type Random } from '../../seed/random';

/** Fixed, so that every run is the same; TEST_SEED chooses another. */
export const testSeed = Number(process.env.TEST_SEED ?? 20260310);

/** Runs a test that draws random numbers; when it fails, it prints the seed that makes it fail again. */
export async function withRandom(run: (random: Random) => Promise<void>): Promise<void> {
  try {
    await run(createRandom(testSeed));
  } catch (error) {
    process.stdout.write(`\nTo run this again: TEST_SEED=${testSeed}\n`);
    throw error;
  }
}

/** A whole number from `from` to `to`, both included. */
export function between(random: Random, from: number, to: number): number {
  return from + Math.floor(random.next() * (to - from + 1));
}

export function oneOf<Value>(random: Random, values: readonly Value[]): Value {
  if (values.length === 0) throw new Error('nothing to choose from');
  return values[Math.floor(random.next() * values.length)] as Value;
}

/** Each value with this chance, in their order. */
export function someOf<Value>(random: Random, values: readonly Value[], chance: number): Value[] {
  return values.filter(() => random.next() < chance);
}
