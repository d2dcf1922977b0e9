import { readConfig } from '../config';
import { type OpenOptions, openService, type Service } from '../service';

/** Opens the service that the environment names, runs the work, and closes it again, also when the work fails. */
export async function withService<Value>(
  work: (service: Service) => Promise<Value>,
  options: OpenOptions = {},
): Promise<Value> {
  const service = await openService(readConfig(), options);
  try {
    return await work(service);
  } finally {
    await service.close();
  }
}

/** Prints what a command came to: as JSON for programs, or in words. */
export function printSummary(json: boolean | undefined, summary: object, words: string): void {
  process.stdout.write(json ? `${JSON.stringify(summary)}\n` : `${words}\n`);
}

/** 1 event, 2 events. */
export function count(number: number, noun: string): string {
  return `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`;
}
