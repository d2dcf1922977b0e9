import { parentPort, workerData } from 'node:worker_threads';
import { AppError, type ErrorCode, OperatorError } from '../errors';
import { parseDateTime } from '../values/dateTime';
import { type EventFileLine, readEventFile } from './readEventFile';
import { createResolver, type Reference, type ReferenceKind } from './references';
import { createRejectFile, type RefusedLine } from './rejectFile';

/** What the thread is started with. */
export interface EventFileTask {
  path: string;
  rejectFile: string;
  referBy: ReferenceKind;
  caregivers: Reference[];
  eventTypes: Reference[];
}

/** A piece of the file: readable lines by column, which cross threads at a fraction of the cost of objects. */
export interface EventFileChunk {
  /** Counted from 1, from the beginning of the file. */
  number: number;
  ids: string[];
  caregiverIds: number[];
  eventTypeIds: number[];
  occurredAtMs: number[];
  /** How many lines more cannot be registered; the thread has their reasons. */
  refused: number;
  /** How much of the file is read, this piece included. */
  bytesRead: number;
}

/** What the main thread answers to each piece, in any order: the readable lines that were refused, by their place. */
export interface ChunkAnswer {
  number: number;
  refused: { place: number; code: ErrorCode; reason: string }[];
}

export type EventFileMessage =
  | { chunk: EventFileChunk }
  | { done: true }
  | { failure: string; operator: boolean };

const pieceLines = 10_000;
/** Pieces that are being registered, or wait for it, while the next one is read. */
const piecesAhead = 4;

const port = parentPort;
if (port) readWhole(workerData as EventFileTask);

/** Lines that are under way: the readable ones by column, all of them for the reject file. */
interface Piece {
  chunk: EventFileChunk;
  lines: EventFileLine[];
  refused: RefusedLine[];
}

/**
 * Reads, resolves and parses a file in a thread of its own, while the main thread registers what came before. Lines
 * stay here until their piece is answered, for the reject file.
 */
async function readWhole(task: EventFileTask): Promise<void> {
  const send = (message: EventFileMessage) => port?.postMessage(message);
  const rejects = createRejectFile(task.rejectFile);
  const waiting = new Map<number, Piece>();
  const answered = answers((answer) => {
    const { lines, refused } = waiting.get(answer.number) as Piece;
    waiting.delete(answer.number);
    const refusedLater = answer.refused.map(({ place, code, reason }) => ({
      line: lines[place] as EventFileLine,
      code,
      reason,
    }));
    rejects.add(answer.number, [...refused, ...refusedLater]);
  });
  const hand = async (piece: Piece) => {
    while (waiting.size === piecesAhead) await answered();
    waiting.set(piece.chunk.number, piece);
    send({ chunk: { ...piece.chunk, refused: piece.refused.length } });
  };

  try {
    const read = createReader(task);
    let piece = emptyPiece(1);
    for await (const { lines, bytesRead } of readEventFile(task.path)) {
      for (const line of lines) {
        read(line, piece);
        piece.chunk.bytesRead = bytesRead;
        if (piece.lines.length + piece.refused.length < pieceLines) continue;
        await hand(piece);
        piece = emptyPiece(piece.chunk.number + 1);
      }
    }
    await hand(piece);
    while (waiting.size > 0) await answered();
    send({ done: true });
  } catch (error) {
    const operator = error instanceof OperatorError;
    send({ failure: operator ? error.message : String((error as Error).stack), operator });
  } finally {
    rejects.close();
    port?.close();
  }
}

/** Takes the main thread's answers; the function made waits for the next one. */
function answers(take: (answer: ChunkAnswer) => void): () => Promise<void> {
  let wake: () => void = () => undefined;
  port?.on('message', (answer: ChunkAnswer) => {
    take(answer);
    wake();
  });
  return () =>
    new Promise((resolve) => {
      wake = resolve;
    });
}

function createReader(task: EventFileTask): (line: EventFileLine, piece: Piece) => void {
  const caregiverOf = createResolver('caregiver', task.caregivers, task.referBy);
  const eventTypeOf = createResolver('event_type', task.eventTypes, task.referBy);
  return (line, { chunk, lines, refused }) => {
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
      lines.push(line);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      refused.push({ line, code: error.code, reason: error.message });
    }
  };
}

function emptyPiece(number: number): Piece {
  const chunk = {
    number,
    ids: [],
    caregiverIds: [],
    eventTypeIds: [],
    occurredAtMs: [],
    refused: 0,
    bytesRead: 0,
  };
  return { chunk, lines: [], refused: [] };
}
