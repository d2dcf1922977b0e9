import { createWriteStream, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { Worker } from 'node:worker_threads';
import { OperatorError } from '../errors';
import { projectFolder } from '../projectFolder';
import type { Service } from '../service';
import { csvLine } from '../values/csv';
import {
  cellSeparator,
  type EventFileChunk,
  type EventFileMessage,
  type EventFileTask,
  type RefusedLine,
} from './eventFileThread';
import { eventFileColumns } from './readEventFile';
import { type ReferenceKind, readReferences } from './references';
import type { ImportSummary } from './registerAll';

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
 * to the reject file. The ids make it safe to run again, also after it was killed: what is in already is counted as
 * replayed. The file is read and parsed in a thread of its own, a few pieces ahead; memory stays flat.
 * @throws OperatorError when the file cannot be read
 */
export async function importEvents(
  service: Service,
  path: string,
  options: ImportEventsOptions,
): Promise<ImportSummary> {
  const { rejectFile, referBy, lateReason, onProgress = () => undefined } = options;
  const summary: ImportSummary = { registered: 0, replayed: 0, rejected: 0 };
  const rejects = createRejects(rejectFile);
  const receivedAtMs = service.now();
  const task: EventFileTask = {
    path,
    referBy,
    caregivers: await readReferences(service, 'caregiver'),
    eventTypes: await readReferences(service, 'event_type'),
  };

  async function register(chunk: EventFileChunk): Promise<void> {
    const outcomes = await service.database.write(
      service.commands.registerEvents,
      chunk.ids.map((id, index) => ({
        id,
        caregiverId: chunk.caregiverIds[index] as number,
        eventTypeId: chunk.eventTypeIds[index] as number,
        occurredAt: { instantMs: chunk.occurredAtMs[index] as number },
        lateReason,
        receivedAtMs,
      })),
    );
    const refused = [...chunk.refused];
    for (const [index, outcome] of outcomes.entries()) {
      if ('error' in outcome) {
        refused.push({
          lineNumber: chunk.lineNumbers[index] as number,
          cells: chunk.cells[index] as string,
          code: outcome.error.code,
          reason: outcome.error.message,
        });
      } else if (outcome.value.replayed) summary.replayed += 1;
      else summary.registered += 1;
    }
    summary.rejected += refused.length;
    rejects.add(refused);
    onProgress(summary.registered + summary.replayed + summary.rejected);
  }

  try {
    for await (const chunk of readChunks(task)) await register(chunk);
    return summary;
  } finally {
    await rejects.close();
  }
}

/** The pieces of the file, as the thread reads them. */
async function* readChunks(task: EventFileTask): AsyncGenerator<EventFileChunk> {
  // Built from the sources, also where the sources themselves run (in tests): a thread needs JavaScript.
  const worker = new Worker(join(projectFolder, 'dist', 'src', 'import', 'eventFileThread.js'), {
    workerData: task,
  });
  const messages: EventFileMessage[] = [];
  let wake: () => void = () => undefined;
  const arrived = (message: EventFileMessage) => {
    messages.push(message);
    wake();
  };
  worker.on('message', arrived);
  worker.on('error', (error) => arrived({ failure: String(error.stack), operator: false }));
  try {
    for (;;) {
      const message = messages.shift();
      if (!message) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      } else if ('chunk' in message) {
        yield message.chunk;
        worker.postMessage('taken');
      } else if ('failure' in message) {
        throw message.operator ? new OperatorError(message.failure) : new Error(message.failure);
      } else return;
    }
  } finally {
    await worker.terminate();
  }
}

/** The reject file: each line's number, code and reason, and its cells as they were, in the order of the lines. */
function createRejects(path: string) {
  let file: WriteStream | undefined;
  return {
    add(lines: RefusedLine[]): void {
      if (lines.length === 0) return;
      if (!file) {
        file = createWriteStream(path);
        file.write(csvLine(['line', 'code', 'reason', ...eventFileColumns]));
      }
      for (const { lineNumber, code, reason, cells } of lines.sort(
        (left, right) => left.lineNumber - right.lineNumber,
      )) {
        file.write(csvLine([lineNumber, code, reason, ...cells.split(cellSeparator)]));
      }
    },
    async close(): Promise<void> {
      if (!file) return;
      file.end();
      await finished(file);
    },
  };
}
