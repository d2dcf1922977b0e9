import { statSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { OperatorError } from '../errors';
import { operator } from '../events/registerEvents';
import { projectFolder } from '../projectFolder';
import type { Service } from '../service';
import { requireReplaceable } from '../storage/privateFiles';
import type { ChunkAnswer, EventFileChunk, EventFileMessage, EventFileTask } from './eventFileThread';
import { type ReferenceKind, readReferences } from './references';
import type { ImportSummary } from './registerAll';

export interface ImportEventsOptions {
  /** Where refused lines go, with line number and reason; made only when there are any. */
  rejectFile: string;
  referBy: ReferenceKind;
  /** Kept on every event imported: they are all registered after the fact. */
  lateReason: string;
  /** Told how many lines are handled, and which part of the file that is, from 0 to 1. */
  onProgress?: (handled: number, part: number) => void;
}

/**
 * Imports events from a file with the columns id, caregiver, event_type and occurred_at. Good lines go in, bad ones
 * to the reject file. The ids make it safe to run again, also after it was killed: what is in already is counted as
 * replayed. The file is read and parsed in a thread of its own, a few pieces ahead; memory stays flat.
 * @throws OperatorError when the file cannot be read, or the name of the reject file belongs to something else
 */
export async function importEvents(
  service: Service,
  path: string,
  options: ImportEventsOptions,
): Promise<ImportSummary> {
  const { rejectFile, referBy, lateReason, onProgress = () => undefined } = options;
  const summary: ImportSummary = { registered: 0, replayed: 0, rejected: 0 };
  const receivedAtMs = service.now();
  const bytes = sizeOf(path);
  requireReplaceable(rejectFile);

  async function register(chunk: EventFileChunk): Promise<ChunkAnswer> {
    const outcomes = await service.database.write(
      service.commands.registerEvents,
      chunk.ids.map((id, index) => ({
        id,
        caregiverId: chunk.caregiverIds[index] as number,
        eventTypeId: chunk.eventTypeIds[index] as number,
        occurredAt: { instantMs: chunk.occurredAtMs[index] as number },
        lateReason,
        sender: operator,
        receivedAtMs,
      })),
    );
    const refused: ChunkAnswer['refused'] = [];
    for (const [place, outcome] of outcomes.entries()) {
      if ('error' in outcome)
        refused.push({ place, code: outcome.error.code, reason: outcome.error.message });
      else if (outcome.value.replayed) summary.replayed += 1;
      else summary.registered += 1;
    }
    summary.rejected += chunk.refused + refused.length;
    onProgress(summary.registered + summary.replayed + summary.rejected, chunk.bytesRead / bytes);
    return { number: chunk.number, refused };
  }

  await withChunks(
    {
      path,
      rejectFile,
      referBy,
      caregivers: await readReferences(service, 'caregiver'),
      eventTypes: await readReferences(service, 'event_type'),
    },
    register,
  );
  return summary;
}

function sizeOf(path: string): number {
  try {
    return statSync(path).size;
  } catch (error) {
    throw new OperatorError(`Cannot read ${path} (${(error as NodeJS.ErrnoException).code}).`);
  }
}

/**
 * Starts the thread that reads the file, and hands on its pieces as they come: the next one while the one before is
 * still being registered, so that the write queue never waits for them.
 */
async function withChunks(
  task: EventFileTask,
  register: (chunk: EventFileChunk) => Promise<ChunkAnswer>,
): Promise<void> {
  // Built from the sources, also where the sources themselves run (in tests): a thread needs JavaScript.
  const worker = new Worker(join(projectFolder, 'dist', 'src', 'import', 'eventFileThread.js'), {
    workerData: task,
  });
  try {
    await new Promise<void>((resolve, reject) => {
      worker.on('error', reject);
      worker.on('message', (message: EventFileMessage) => {
        if ('chunk' in message) {
          register(message.chunk).then((answer) => worker.postMessage(answer), reject);
        } else if ('failure' in message) {
          reject(message.operator ? new OperatorError(message.failure) : new Error(message.failure));
        } else resolve();
      });
    });
  } finally {
    await worker.terminate();
  }
}
