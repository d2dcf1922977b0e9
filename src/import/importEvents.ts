import { createWriteStream, type WriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { AppError } from '../errors';
import type { Service } from '../service';
import { csvLine } from '../values/csv';
import { parseDateTime } from '../values/dateTime';
import { type EventFileLine, eventFileColumns, readEventFile } from './readEventFile';
import { createResolver, type ReferenceKind } from './references';
import { type ImportedEvent, type ImportSummary, registerAll } from './registerAll';

export interface ImportEventsOptions {
  /** Where refused lines go, with line number and reason; made only when there are any. */
  rejectFile: string;
  referBy: ReferenceKind;
  /** Kept on every event imported: they are all registered after the fact. */
  lateReason: string;
  onProgress?: (handled: number) => void;
}

/**
 * Imports events from a file with the columns id, caregiver, event_type and occurred_at. Good lines go in, bad ones
 * to the reject file. The ids make it safe to run again: what is in already is counted as replayed.
 * @throws OperatorError when the file cannot be read
 */
export async function importEvents(
  service: Service,
  path: string,
  options: ImportEventsOptions,
): Promise<ImportSummary> {
  const rejects = createRejects(options.rejectFile);
  const caregiverOf = await createResolver(service, 'caregiver', options.referBy);
  const eventTypeOf = await createResolver(service, 'event_type', options.referBy);
  const receivedAtMs = service.now();
  let unreadable = 0;

  async function* readable(): AsyncGenerator<ImportedEvent<EventFileLine>> {
    for await (const line of readEventFile(path)) {
      try {
        yield { source: line, event: toEvent(line) };
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        unreadable += 1;
        rejects.add(line, error);
      }
    }
  }

  function toEvent({ cells, problem }: EventFileLine) {
    if (problem !== undefined) throw new AppError('BAD_USER_INPUT', problem);
    if (cells.id === '') {
      throw new AppError(
        'BAD_USER_INPUT',
        'id must be a UUID, so that the file can be imported again.',
        'id',
      );
    }
    return {
      id: cells.id,
      caregiverId: String(caregiverOf(cells.caregiver)),
      eventTypeId: String(eventTypeOf(cells.event_type)),
      occurredAt: parseDateTime(cells.occurred_at),
      lateReason: options.lateReason,
      receivedAtMs,
    };
  }

  try {
    const summary = await registerAll(service, readable(), rejects.add, options.onProgress);
    return { ...summary, rejected: summary.rejected + unreadable };
  } finally {
    await rejects.close();
  }
}

/** The reject file: the line's number, code and reason, and its cells as they were. */
function createRejects(path: string) {
  let file: WriteStream | undefined;
  return {
    add(line: EventFileLine, error: AppError): void {
      if (!file) {
        file = createWriteStream(path);
        file.write(csvLine(['line', 'code', 'reason', ...eventFileColumns]));
      }
      const cells = eventFileColumns.map((column) => line.cells[column]);
      file.write(csvLine([line.lineNumber, error.code, error.message, ...cells]));
    },
    async close(): Promise<void> {
      if (!file) return;
      file.end();
      await finished(file);
    },
  };
}
