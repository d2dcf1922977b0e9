import type { AppError } from '../../platform/errors';
import type { Service } from '../../platform/service';
import { reimbursementCommands } from '../commands';
import type { RegisterEvent } from '../events/registerEvents';
import { isFailureOfService } from './stopped';

/** What an import came to. */
export interface ImportSummary {
  registered: number;
  /** Events that had been registered before with the same content. */
  replayed: number;
  rejected: number;
}

/** An event to register, with what the caller needs to know it by when it is refused. */
export interface ImportedEvent<Source> {
  event: RegisterEvent;
  source: Source;
}

const batchEvents = 25_000;

/**
 * Registers a stream of events, batch by batch, through the same command as the API. No more than one batch is held
 * in memory.
 * @param onRejected told of each event that was refused
 * @param onProgress told of the number of events handled so far
 * @param summary counts what was done, also where it ends early
 */
export async function registerAll<Source>(
  service: Service,
  events: Iterable<ImportedEvent<Source>> | AsyncIterable<ImportedEvent<Source>>,
  onRejected: (source: Source, error: AppError) => void,
  onProgress: (handled: number) => void = () => undefined,
  summary: ImportSummary = { registered: 0, replayed: 0, rejected: 0 },
): Promise<ImportSummary> {
  let batch: ImportedEvent<Source>[] = [];

  const flush = async () => {
    const writing = batch;
    batch = [];
    const outcomes = await service.database.write(
      reimbursementCommands(service).registerEvents,
      writing.map((imported) => imported.event),
    );
    let failure: AppError | undefined;
    for (const [index, outcome] of outcomes.entries()) {
      if ('error' in outcome && isFailureOfService(outcome.error)) failure ??= outcome.error;
      else if ('error' in outcome) {
        summary.rejected += 1;
        onRejected((writing[index] as ImportedEvent<Source>).source, outcome.error);
      } else if (outcome.value.replayed) summary.replayed += 1;
      else summary.registered += 1;
    }
    if (failure) throw failure;
    onProgress(summary.registered + summary.replayed + summary.rejected);
  };

  for await (const imported of events) {
    batch.push(imported);
    if (batch.length === batchEvents) await flush();
  }
  if (batch.length > 0) await flush();
  return summary;
}
