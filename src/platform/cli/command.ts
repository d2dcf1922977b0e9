import { setFlagsFromString } from 'node:v8';
import { readConfig } from '../config';
import { AppError, OperatorError } from '../errors';
import { type OpenOptions, openService, type Service } from '../service';
import { driverErrorOf } from '../storage/core/failures';
import type { Subsystem } from '../subsystem';

/** Opens the service that the environment names, runs the work, and closes it again, also when the work fails. */
export async function withService<Value>(
  subsystems: readonly Subsystem[],
  work: (service: Service) => Promise<Value>,
  { readsReplicas = false, ...options }: OpenOptions & { readsReplicas?: boolean } = {},
): Promise<Value> {
  if (options.bulk) keepMemorySmall();
  const config = readConfig();
  // Whoever reads none has no need to wait for them, nor to fail with them.
  const service = await openService(
    subsystems,
    readsReplicas ? config : { ...config, replicas: [] },
    options,
  );
  try {
    return await work(service);
  } catch (error) {
    throw tellCutOff(error);
  } finally {
    await service.close();
  }
}

/**
 * What one transaction says of itself, that nothing was done, is not true of a command that has made others before. Every
 * one that writes may be run again: what it finds done it does not do twice.
 */
function tellCutOff(error: unknown): unknown {
  if (!(error instanceof AppError) || error.code !== 'UNAVAILABLE') return error;
  const code = driverErrorOf(error.cause)?.code;
  return new OperatorError(
    `The database cannot be reached or written just now${code === undefined ? '' : ` (${code})`}, and the command was cut ` +
      'off. What it had done before stays. Run it again when the database is back: nothing is done twice.',
  );
}

/** Garbage is collected before it has grown to several times what is needed: a third less memory, as fast. */
export function keepMemorySmall(): void {
  setFlagsFromString('--heap-growing-percent=20');
}

/** Prints what a command came to: as JSON for programs, or in words. */
export function printSummary(json: boolean | undefined, summary: object, words: string): void {
  process.stdout.write(json ? `${JSON.stringify(summary)}\n` : `${words}\n`);
}
