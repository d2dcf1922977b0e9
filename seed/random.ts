/** Pseudo-random numbers that depend on nothing but the numbers they are made from. */
export interface Random {
  /** From 0 to 1, 1 not included. */
  next(): number;
  /** 32 random bits. */
  bits(): number;
}

/** A stream of random numbers (sfc32, after Chris Doty-Humphrey) for a list of whole numbers. */
export function createRandom(...key: number[]): Random {
  let [a, b, c, counter] = [0x9e3779b9, 0x243f6a88, 0xb7e15162, 1];
  const bits = () => {
    const result = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + result;
    return result >>> 0;
  };
  for (const part of key) {
    a ^= part | 0;
    b ^= Math.floor(part / 2 ** 32) | 0;
    for (let round = 0; round < 12; round += 1) bits();
  }
  return { bits, next: () => bits() / 2 ** 32 };
}

/** How often something happens that happens `mean` times on average. */
export function poisson(random: Random, mean: number): number {
  if (mean > 50) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(random)));
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = random.next(); product > limit; product *= random.next()) count += 1;
  return count;
}

/** A normally distributed number with mean 0 and deviation 1. */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}

/** A UUID of version 4 whose bits come from the stream. */
export function randomUuid(random: Random): string {
  const hex = [0, 0, 0, 0].map(() => random.bits().toString(16).padStart(8, '0')).join('');
  const variant = ((Number.parseInt(hex[16] as string, 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}
