import { getHeapStatistics } from 'node:v8';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Kind, type OperationDefinitionNode, OperationTypeNode } from 'graphql';
import { AppError } from '../../errors';
import { type Limits, settingOf } from '../../limits';

/** Of the heap; the rest is for the process itself, and for what nobody needs any more and is not cleared away yet. */
const shareOfHeap = 0.4;
/** Of all that may be in progress, for one principal beside others. */
const shareOfPrincipal = 1 / 4;
/** Of all, up to where something is begun: so there is always room for what must not wait. */
const fillable = { query: 0.7, mutation: 0.9, payout: 1 } as const;
export type Urgency = keyof typeof fillable;

/** While an object of an answer is read, resolved and written out, with its plain fields: an estimate on the safe side. */
export const bytesOfObject = 600;
/** The text of an answer, and its copy that waits for the socket. */
const timesAnswer = 3;
/** The bytes of a body, their text, and the values that are read from it. */
const timesBody = 4;
/** What takes no more is not worth counting: the connections are limited. */
export const uncountedBytes = 16_384;
export const exportBytes = 1_048_576;

/** What something in progress takes. */
export interface Held {
  readonly bytes: number;
  resize(bytes: number): void;
  release(): void;
}

/**
 * Counts the bytes of everything in progress: bodies that arrive, answers that are worked out, and answers that nobody has
 * read yet, each for its principal and all together. What would be too much is refused before it is begun, for a heap that
 * is full ends the process, and everybody's requests with it.
 */
export class Memory {
  private readonly maxBytes: number;
  private readonly ofPrincipals = new Map<string, number>();
  private heldBytes = 0;

  constructor({ bytesInProgress }: Limits) {
    this.maxBytes = bytesInProgress || getHeapStatistics().heap_size_limit * shareOfHeap;
  }

  /** Whether nothing more would be begun, but for what must not wait. */
  get isFull(): boolean {
    return this.heldBytes >= this.maxBytes * fillable.query;
  }

  /**
   * Makes room for something that is about to begin. What alone is more than a share may have goes alone.
   * @throws AppError OVERLOADED
   */
  hold(subject: string, bytes: number, urgency: Urgency): Held {
    const ofPrincipal = this.ofPrincipals.get(subject) ?? 0;
    const isTooMuch =
      (this.heldBytes > 0 && this.heldBytes + bytes > this.maxBytes * fillable[urgency]) ||
      (ofPrincipal > 0 && ofPrincipal + bytes > this.maxBytes * shareOfPrincipal);
    if (isTooMuch) throw overloaded();
    return this.add(subject, bytes);
  }

  /** For what is there already. */
  add(subject: string, bytes: number): Held {
    let held = 0;
    const resize = (wanted: number) => {
      this.heldBytes += wanted - held;
      const ofPrincipal = (this.ofPrincipals.get(subject) ?? 0) + wanted - held;
      if (ofPrincipal > 0) this.ofPrincipals.set(subject, ofPrincipal);
      else this.ofPrincipals.delete(subject);
      held = wanted;
    };
    resize(bytes);
    return {
      get bytes() {
        return held;
      },
      resize,
      release: () => resize(0),
    };
  }
}

/**
 * Counts bodies as soon as they are announced, or as they arrive, until their requests have been answered and the answers
 * have been read. To be added before bodies are read.
 */
export function addMemory(server: FastifyInstance, memory: Memory): void {
  server.addHook('preParsing', (request, reply, payload, done) => {
    const { headers } = request;
    const isInParts = headers['transfer-encoding'] !== undefined;
    const announced = Number(headers['content-length'] ?? 0);
    if (!isInParts && announced <= uncountedBytes) return done(null, payload);
    try {
      const held = memory.hold(request.principal.subject, announced * timesBody, 'mutation');
      releaseAtEnd(reply, held);
      if (isInParts) countParts(payload, held, memory);
      done(null, payload);
    } catch (error) {
      done(error as AppError);
    }
  });
}

function countParts(payload: NodeJS.EventEmitter, held: Held, memory: Memory): void {
  payload.on('data', (chunk: Buffer) => {
    held.resize(held.bytes + chunk.length * timesBody);
    if (memory.isFull) payload.emit('error', overloaded());
  });
  // Who reads the body lets it come.
  (payload as NodeJS.ReadableStream).pause();
}

/** Counts the text of an answer until it has been read, or its client has gone. */
export function holdAnswer(memory: Memory, request: FastifyRequest, reply: FastifyReply, text: string): void {
  const bytes = text.length * timesAnswer;
  if (bytes > uncountedBytes) releaseAtEnd(reply, memory.add(request.principal.subject, bytes));
}

export function releaseAtEnd({ raw }: FastifyReply, { release }: Held): void {
  raw.once('finish', release);
  raw.once('close', release);
}

function overloaded(): AppError {
  return new AppError(
    'OVERLOADED',
    `Too much is in progress ${settingOf('bytesInProgress')}. Nothing was done; send this again in a second.`,
  );
}

const urgent = new Set(['reimburseEvents']);

/** Queries can be asked again. What is to be written has been done by somebody; who is owed money waits for it. */
export function urgencyOf({ operation, selectionSet }: OperationDefinitionNode): Urgency {
  if (operation !== OperationTypeNode.MUTATION) return 'query';
  const isUrgent = selectionSet.selections.every(
    (selection) => selection.kind === Kind.FIELD && urgent.has(selection.name.value),
  );
  return isUrgent ? 'payout' : 'mutation';
}
