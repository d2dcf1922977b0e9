import { setFlagsFromString } from 'node:v8';
import { readConfig } from '../config';
import { type OpenOptions, openService, type Service } from '../service';

/** Opens the service that the environment names, runs the work, and closes it again, also when the work fails. */
export async function withService<Value>(
  work: (service: Service) => Promise<Value>,
  { readsReplicas = false, ...options }: OpenOptions & { readsReplicas?: boolean } = {},
): Promise<Value> {
  if (options.bulk) keepMemorySmall();
  const config = readConfig();
  // Whoever reads none has no need to wait for them, nor to fail with them.
  const service = await openService(readsReplicas ? config : { ...config, replicas: [] }, options);
  try {
    return await work(service);
  } finally {
    await service.close();
  }
}

/** Garbage is collected before it has grown to several times what is needed: a third less memory, as fast. */
export function keepMemorySmall(): void {
  setFlagsFromString('--heap-growing-percent=20');
}

/** Prints what a command came to: as JSON for programs, or in words. */
export function printSummary(json: boolean | undefined, summary: object, words: string): void {
  process.stdout.write(json ? `${JSON.stringify(summary)}\n` : `${words}\n`);
}

/** 1 event, 2 events. */
export function count(number: number, noun: string, nouns = `${noun}s`): string {
  return `${number.toLocaleString('en')} ${number === 1 ? noun : nouns}`;
}
