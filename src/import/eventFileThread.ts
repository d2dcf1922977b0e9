import { parentPort, workerData } from 'node:worker_threads';
import { AppError, type ErrorCode, OperatorError } from '../errors';
import { parseDateTime } from '../values/dateTime';
import { type EventFileLine, eventFileColumns, readEventFile } from './readEventFile';
import { createResolver, type Reference, type ReferenceKind } from './references';

/** What the thread is started with. */
export interface EventFileTask {
  path: string;
  referBy: ReferenceKind;
  caregivers: Reference[];
  eventTypes: Reference[];
}

/** A piece of the file: readable lines by column, which cross threads at a fraction of the cost of objects. */
export interface EventFileChunk {
  ids: string[];
  caregiverIds: number[];
  eventTypeIds: number[];
  occurredAtMs: number[];
  lineNumbers: number[];
  /** The cells of each line as they were, joined by {@link cellSeparator}. */
  cells: string[];
  /** Lines that cannot be registered. */
  refused: RefusedLine[];
}

export interface RefusedLine {
  lineNumber: number;
  code: ErrorCode;
  reason: string;
  cells: string;
}

export type EventFileMessage =
  | { chunk: EventFileChunk }
  | { done: true }
  | { failure: string; operator: boolean };

/** A character that no text has a use for. */
export const cellSeparator = '\u001f';

const chunkLines = 50_000;
/** Read ahead while the ones before are registered. */
const chunksAhead = 2;

const port = parentPort;
if (port) readWhole(workerData as EventFileTask);

/** Reads, resolves and parses a file in a thread of its own, while the main thread registers what came before. */
async function readWhole(task: EventFileTask): Promise<void> {
  const send = (message: EventFileMessage) => port?.postMessage(message);
  const mayGoOn = credits(chunksAhead);
  try {
    let chunk = emptyChunk();
    const read = createReader(task);
    for await (const lines of readEventFile(task.path)) {
      for (const line of lines) read(line, chunk);
      if (chunk.ids.length + chunk.refused.length < chunkLines) continue;
      await mayGoOn();
      send({ chunk });
      chunk = emptyChunk();
    }
    send({ chunk });
    send({ done: true });
  } catch (error) {
    const operator = error instanceof OperatorError;
    send({ failure: operator ? error.message : String((error as Error).stack), operator });
  }
  port?.close();
}

/** Lets so many pieces through; the main thread gives back one for each that it has taken. */
function credits(count: number): () => Promise<void> {
  let left = count;
  let wake: (() => void) | undefined;
  port?.on('message', () => {
    left += 1;
    wake?.();
  });
  return async () => {
    while (left === 0) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    left -= 1;
  };
}

function createReader(task: EventFileTask): (line: EventFileLine, chunk: EventFileChunk) => void {
  const caregiverOf = createResolver('caregiver', task.caregivers, task.referBy);
  const eventTypeOf = createResolver('event_type', task.eventTypes, task.referBy);
  return (line, chunk) => {
    const cells = eventFileColumns.map((column) => line.cells[column]).join(cellSeparator);
    try {
      if (line.problem !== undefined) throw new AppError('BAD_USER_INPUT', line.problem);
      if (line.cells.id === '') {
        throw new AppError('BAD_USER_INPUT', 'id must be a UUID, so that the file can be imported again.');
      }
      const caregiverId = caregiverOf(line.cells.caregiver);
      const eventTypeId = eventTypeOf(line.cells.event_type);
      const occurredAt = parseDateTime(line.cells.occurred_at);
      if ('problem' in occurredAt) throw new AppError('BAD_USER_INPUT', `occurred_at ${occurredAt.problem}.`);
      chunk.ids.push(line.cells.id);
      chunk.caregiverIds.push(caregiverId);
      chunk.eventTypeIds.push(eventTypeId);
      chunk.occurredAtMs.push(occurredAt.instantMs);
      chunk.lineNumbers.push(line.lineNumber);
      chunk.cells.push(cells);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      chunk.refused.push({ lineNumber: line.lineNumber, code: error.code, reason: error.message, cells });
    }
  };
}

function emptyChunk(): EventFileChunk {
  return {
    ids: [],
    caregiverIds: [],
    eventTypeIds: [],
    occurredAtMs: [],
    lineNumbers: [],
    cells: [],
    refused: [],
  };
}
