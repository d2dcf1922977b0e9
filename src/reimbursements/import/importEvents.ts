import { statSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { OperatorError } from '../../platform/errors';
import { projectFolder } from '../../platform/projectFolder';
import type { Service } from '../../platform/service';
import { reimbursementCommands } from '../commands';
import { operator, type RegisterEvent, recorder } from '../events/registerEvents';
import type {
  ChunkAnswer,
  EventFileChunk,
  EventFileMessage,
  EventFileTask,
  Refusal,
} from './eventFileThread';
import { type ReferenceKind, readReferences } from './references';
import type { ImportSummary } from './registerAll';
import { removeRejectFile, requireRejectFile } from './rejectFile';
import { howFar, isFailureOfService, stopped } from './stopped';

export interface ImportEventsOptions {
  /** Where refused lines go, with line number and reason; made only when there are any. */
  rejectFile: string;
  referBy: ReferenceKind;
  /**
   * Kept on every event whose line has no `late_reason`, as they are all registered after the fact: `import` when left out.
   * Given, also on those whose `late_reason` is empty, which is otherwise what is kept.
   */
  lateReason?: string;
  /** Told after each piece what came of the file so far, and which part of it that is, from 0 to 1. */
  onProgress?: (summary: Readonly<ImportSummary>, part: number) => void;
}

export interface EventsSummary extends ImportSummary {
  /** Of those registered, the ones that had been paid where they were exported: payouts are not imported. */
  owedAgain: number;
  /** The first line that was refused, and why. */
  firstRefused: Refusal | undefined;
}

/**
 * Imports events from a file with the columns id, caregiver, event_type and occurred_at; late_reason is optional, and what
 * else an export has is kept as it was. Good lines go in, bad ones to the reject file, which is removed where there are
 * none. The ids make it safe to run again, also after it was killed: what is in already is counted as
 * replayed. The file is read and parsed in a thread of its own, a few pieces ahead; memory stays flat.
 * @throws OperatorError when the file cannot be read, the reject file cannot be written, or the database fails; it says how
 *   far the import came
 */
export async function importEvents(
  service: Service,
  path: string,
  options: ImportEventsOptions,
): Promise<EventsSummary> {
  const { rejectFile, referBy, lateReason = 'import', onProgress = () => undefined } = options;
  const summary: ImportSummary = { registered: 0, replayed: 0, rejected: 0 };
  let owedAgain = 0;
  const receivedAtMs = service.now();
  const bytes = sizeOf(path);
  requireRejectFile(rejectFile, path);

  async function register(chunk: EventFileChunk): Promise<ChunkAnswer> {
    const outcomes = await service.database.write(
      reimbursementCommands(service).registerEvents,
      chunk.ids.map((id, place): RegisterEvent => {
        const ownReason = chunk.lateReasons.get(place);
        const record = chunk.records.get(place);
        return {
          id,
          caregiverId: chunk.caregiverIds[place] as number,
          eventTypeId: chunk.eventTypeIds[place] as number,
          occurredAt: { instantMs: chunk.occurredAtMs[place] as number },
          lateReason: ownReason === undefined ? lateReason : ownReason,
          sender: ownReason === undefined ? operator : recorder,
          receivedAtMs: record?.registeredAtMs ?? receivedAtMs,
          ...(record && { record }),
        };
      }),
    );
    const refused: ChunkAnswer['refused'] = [];
    let failure: Error | undefined;
    for (const [place, outcome] of outcomes.entries()) {
      if ('error' in outcome) {
        if (isFailureOfService(outcome.error)) failure ??= outcome.error;
        else refused.push({ place, code: outcome.error.code, reason: outcome.error.message });
      } else if (outcome.value.replayed) summary.replayed += 1;
      else {
        summary.registered += 1;
        if (chunk.records.get(place)?.isReimbursed) owedAgain += 1;
      }
    }
    if (failure) throw failure;
    summary.rejected += chunk.refused + refused.length;
    onProgress(summary, bytes === 0 ? 1 : Math.min(chunk.bytesRead / bytes, 1));
    return { number: chunk.number, refused };
  }

  try {
    const task = {
      path,
      rejectFile,
      referBy,
      caregivers: await readReferences(service, 'caregiver'),
      eventTypes: await readReferences(service, 'event_type'),
      lateReason,
      fillsReasons: options.lateReason !== undefined,
      receivedAtMs,
    };
    const firstRefused = await withChunks(task, register);
    if (summary.rejected === 0) removeRejectFile(rejectFile);
    return { ...summary, owedAgain, firstRefused };
  } catch (error) {
    throw stopped(error, howFar(summary, rejectFile));
  }
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
 * still being registered, so that the write queue never waits for them. Where something fails, it ends when what is being
 * registered has ended, so that the count of it is true.
 * @returns the first line that was refused
 */
async function withChunks(
  task: EventFileTask,
  register: (chunk: EventFileChunk) => Promise<ChunkAnswer>,
): Promise<Refusal | undefined> {
  // Built from the sources, also where the sources themselves run (in tests): a thread needs JavaScript.
  const worker = new Worker(
    join(projectFolder, 'dist', 'src', 'reimbursements', 'import', 'eventFileThread.js'),
    {
      workerData: task,
    },
  );
  const registering = new Set<Promise<unknown>>();
  try {
    return await new Promise<Refusal | undefined>((resolve, reject) => {
      let hasFailed = false;
      const fail = (error: unknown) => {
        hasFailed = true;
        reject(error);
      };
      worker.on('error', fail);
      worker.on('messageerror', fail);
      worker.on('exit', (exitCode) =>
        fail(
          new OperatorError(
            `The thread that reads ${task.path} ended before it was done (exit code ${exitCode}).`,
          ),
        ),
      );
      worker.on('message', (message: EventFileMessage) => {
        if ('chunk' in message) {
          if (hasFailed) return;
          const answering = register(message.chunk)
            .then((answer) => worker.postMessage(answer), fail)
            .finally(() => registering.delete(answering));
          registering.add(answering);
        } else if ('failure' in message) {
          fail(message.operator ? new OperatorError(message.failure) : new Error(message.failure));
        } else resolve(message.firstRefused);
      });
    });
  } finally {
    await Promise.all(registering);
    await worker.terminate();
  }
}
