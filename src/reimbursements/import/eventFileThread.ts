import { parentPort, workerData } from 'node:worker_threads';
import { AppError, type ErrorCode, OperatorError } from '../../platform/errors';
import { parseDateTime } from '../../platform/values/dateTime';
import { isCurrency } from '../../platform/values/money';
import {
  type EventFileCells,
  type EventFileColumn,
  type EventFileLine,
  eventFileColumns,
  readEventFile,
  recordColumns,
} from './readEventFile';
import { createResolver, type Reference, type ReferenceKind } from './references';
import { createRejectFile, type RefusedLine } from './rejectFile';

/** What the thread is started with. */
export interface EventFileTask {
  path: string;
  rejectFile: string;
  referBy: ReferenceKind;
  caregivers: Reference[];
  eventTypes: Reference[];
  /** Kept on events whose line says nothing of it. */
  lateReason: string;
  /** Whether it is also kept on those whose line has an empty `late_reason`. */
  fillsReasons: boolean;
  /** When the import began, in milliseconds since 1970. */
  receivedAtMs: number;
}

/** A piece of the file: readable lines by column, which cross threads at a fraction of the cost of objects. */
export interface EventFileChunk {
  /** Counted from 1, from the beginning of the file. */
  number: number;
  ids: string[];
  caregiverIds: number[];
  eventTypeIds: number[];
  occurredAtMs: number[];
  /** By the place of the line: what it says itself of why the event came late. */
  lateReasons: Map<number, string | null>;
  /** By the place of the line: what was kept of the event where it was registered before. */
  records: Map<number, EventOfExport>;
  /** How many lines more cannot be registered; the thread has their reasons. */
  refused: number;
  /** How much of the file is read, this piece included. */
  bytesRead: number;
}

export interface EventOfExport {
  registeredAtMs: number;
  amountMinor: number;
  currency: string;
  /** Paid there. Here it will be owed, as payouts are not imported. */
  isReimbursed: boolean;
}

/** A line that was refused, for the sentence that tells of the first one. */
export interface Refusal {
  line: number;
  reason: string;
}

/** What the main thread answers to each piece, in any order: the readable lines that were refused, by their place. */
export interface ChunkAnswer {
  number: number;
  refused: { place: number; code: ErrorCode; reason: string }[];
}

export type EventFileMessage =
  | { chunk: EventFileChunk }
  | { done: true; firstRefused: Refusal | undefined }
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
 * stay here until their piece is answered, for the reject file. Where the file cannot be read on, all before it is
 * registered first.
 */
async function readWhole(task: EventFileTask): Promise<void> {
  const send = (message: EventFileMessage) => port?.postMessage(message);
  const rejects = createRejectFile(task.rejectFile);
  const waiting = new Map<number, Piece>();
  let columns: readonly EventFileColumn[] = [];
  let firstRefused: Refusal | undefined;
  const answered = answers((answer) => {
    const { lines, refused } = waiting.get(answer.number) as Piece;
    waiting.delete(answer.number);
    const refusedLater = answer.refused.map(({ place, code, reason }) => ({
      line: lines[place] as EventFileLine,
      code,
      reason,
    }));
    const all = [...refused, ...refusedLater];
    // What is filled in for a line is so in the reject file, too: where it is imported, its column says all.
    for (const { line } of all)
      if (!line.hasReason) line.cells = { ...line.cells, late_reason: task.lateReason };
    for (const { line, reason } of all) {
      if (!firstRefused || line.lineNumber < firstRefused.line)
        firstRefused = { line: line.lineNumber, reason };
    }
    rejects.add(answer.number, all, columns);
  });
  const hand = async (piece: Piece) => {
    while (waiting.size === piecesAhead) await answered();
    waiting.set(piece.chunk.number, piece);
    send({ chunk: { ...piece.chunk, refused: piece.refused.length } });
  };

  let piece = emptyPiece(1);
  const finish = async () => {
    await hand(piece);
    while (waiting.size > 0) await answered();
  };
  try {
    const read = createReader(task);
    try {
      for await (const part of readEventFile(task.path)) {
        columns = part.columns;
        for (const line of part.lines) {
          read(line, piece);
          piece.chunk.bytesRead = part.bytesRead;
          if (piece.lines.length + piece.refused.length < pieceLines) continue;
          await hand(piece);
          piece = emptyPiece(piece.chunk.number + 1);
        }
      }
    } catch (error) {
      if (error instanceof OperatorError) await finish();
      throw error;
    }
    await finish();
    send({ done: true, firstRefused });
  } catch (error) {
    const operator = error instanceof OperatorError;
    send({ failure: operator ? error.message : String((error as Error).stack), operator });
  } finally {
    rejects.close();
    port?.close();
  }
}

/** Takes the main thread's answers; the function made waits for the next one, and fails where one cannot be taken. */
function answers(take: (answer: ChunkAnswer) => void): () => Promise<void> {
  let failure: unknown;
  let wake: () => void = () => undefined;
  port?.on('message', (answer: ChunkAnswer) => {
    try {
      take(answer);
    } catch (error) {
      failure ??= error;
    }
    wake();
  });
  return async () => {
    if (failure === undefined) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    if (failure !== undefined) throw failure;
  };
}

function createReader(task: EventFileTask): (line: EventFileLine, piece: Piece) => void {
  const caregiverOf = createResolver('caregiver', task.caregivers, task.referBy);
  const eventTypeOf = createResolver('event_type', task.eventTypes, task.referBy);
  return (line, { chunk, lines, refused }) => {
    try {
      if (line.problem !== undefined) throw refusal(line.problem);
      const { cells } = line;
      requireShortCells(cells);
      const id = readId(cells.id);
      const caregiverId = caregiverOf(cells.caregiver);
      const eventTypeId = eventTypeOf(cells.event_type);
      const occurredAtMs = readInstant(cells, 'occurred_at');
      const record = readRecord(cells, task.receivedAtMs);
      const place = lines.length;
      if (line.hasReason && (cells.late_reason !== '' || !task.fillsReasons)) {
        chunk.lateReasons.set(place, cells.late_reason === '' ? null : cells.late_reason);
      }
      if (record) chunk.records.set(place, record);
      chunk.ids.push(id);
      chunk.caregiverIds.push(caregiverId);
      chunk.eventTypeIds.push(eventTypeId);
      chunk.occurredAtMs.push(occurredAtMs);
      lines.push(line);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      refused.push({ line, code: error.code, reason: error.message });
    }
  };
}

/** More than anything that is stored, in whatever way its accents are written. */
const maxCellCharacters = 2_000;

function requireShortCells(cells: EventFileCells): void {
  for (const column of eventFileColumns) {
    if (cells[column].length > maxCellCharacters) {
      throw refusal(`${column} must be at most ${maxCellCharacters} characters long`);
    }
  }
}

/** A UUID as other programs write it, too: `urn:uuid:…` and `{…}`. Whether it is one is checked where it is registered. */
function readId(text: string): string {
  if (text.length === uuidCharacters) return text;
  if (text === '') throw refusal('id must be a UUID, so that the file can be imported again');
  return /^(?:urn:uuid:(?=.{36}$)|\{(?=.{36}\}$))(.{36})/is.exec(text)?.[1] ?? text;
}
const uuidCharacters = 36;

/** An instant; a blank between date and time, as databases and spreadsheets write it, is understood. */
function readInstant(cells: EventFileCells, column: 'occurred_at' | 'registered_at'): number {
  const text = cells[column];
  const instant = parseDateTime(text[10] === ' ' ? `${text.slice(0, 10)}T${text.slice(11)}` : text);
  if ('problem' in instant) throw refusal(`${column} ${instant.problem}`);
  return instant.instantMs;
}

/** What an export says of an event beside what whoever registers one does; undefined for a line that is of none. */
function readRecord(cells: EventFileCells, nowMs: number): EventOfExport | undefined {
  const { amount, currency, reimbursed } = cells;
  if (recordColumns.some((column) => cells[column] === '')) return undefined;
  const registeredAtMs = readInstant(cells, 'registered_at');
  if (registeredAtMs > nowMs) throw refusal('registered_at must not lie ahead of the clock');
  const amountMinor = Number(amount);
  if (!/^\d{1,16}$/.test(amount) || !Number.isSafeInteger(amountMinor)) {
    throw refusal('amount must be a whole number of minor units, as the export has it');
  }
  if (!isCurrency(currency)) throw refusal('currency must be an ISO 4217 code such as SEK');
  if (!/^(true|false)$/i.test(reimbursed)) throw refusal('reimbursed must be true or false');
  return { registeredAtMs, amountMinor, currency, isReimbursed: /^true$/i.test(reimbursed) };
}

/** @param problem a sentence without its full stop */
function refusal(problem: string): AppError {
  return new AppError('BAD_USER_INPUT', `${problem}.`);
}

function emptyPiece(number: number): Piece {
  const chunk = {
    number,
    ids: [],
    caregiverIds: [],
    eventTypeIds: [],
    occurredAtMs: [],
    lateReasons: new Map(),
    records: new Map(),
    refused: 0,
    bytesRead: 0,
  };
  return { chunk, lines: [], refused: [] };
}
