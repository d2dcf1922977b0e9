import { EventEmitter, once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { GraphQLFormattedError } from 'graphql';
import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import type { TestService } from './testService';

/** A second is promised; a machine that does much else at the same time gets more. */
const maxWaitMs = 15_000;

/** A result as a client sees it. */
export interface Seen {
  // biome-ignore lint/suspicious/noExplicitAny: a client sees plain JSON
  data?: any;
  errors?: readonly GraphQLFormattedError[];
}

/** Why a connection was closed. */
export interface Closed {
  code: number;
  reason: string;
}

/** A live connection as pages open it, and what it has shown. */
export interface LiveClient {
  subscribe(query: string, variables?: Record<string, unknown>): Subscription;
  /** Resolves when the connection is closed for good. */
  closed: Promise<Closed>;
  /** How often it has been opened. */
  timesOpened(): number;
  /** Breaks the connection as a network does; the client opens it again by itself. */
  cut(): void;
  close(): Promise<void>;
}

export interface Subscription {
  /** The next result that has not been looked at. */
  next(): Promise<Seen>;
  /** All results up to one of which something is true, which is answered. */
  until(isTrue: (seen: Seen) => boolean): Promise<Seen>;
  /** How many results have come and not been looked at. */
  waiting(): number;
  /** Resolves when it is ended: with what the service said, or nothing when it was completed. */
  ended: Promise<unknown>;
  stop(): void;
}

/** Where a service can be reached by socket; it begins to listen when somebody first asks. */
export async function addressOf({ server }: TestService): Promise<string> {
  if (!server.server.listening) await server.listen({ port: 0, host: '127.0.0.1' });
  return `127.0.0.1:${(server.server.address() as AddressInfo).port}`;
}

const opened = new Set<Client>();
afterEach(async () => {
  // One whose service has stopped before it is still trying to come back, and fails.
  for (const client of opened) await Promise.resolve(client.dispose()).catch(() => undefined);
  opened.clear();
});

/** Connects as somebody. What a test leaves open is closed at its end. */
export async function connect(api: TestService): Promise<LiveClient> {
  const { authorization } = api;
  let socket: WebSocket | undefined;
  let times = 0;
  let finish: (closed: Closed) => void;
  const closed = new Promise<Closed>((resolve) => {
    finish = resolve;
  });
  const client = createClient({
    url: `ws://${await addressOf(api)}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: authorization === undefined ? {} : { authorization },
    lazy: false,
    retryAttempts: Number.POSITIVE_INFINITY,
    // Left to itself, the client gives up where nobody listens yet.
    shouldRetry: () => true,
    retryWait: () => new Promise((resolve) => setTimeout(resolve, 50)),
    onNonLazyError: (problem) => finish(problem as Closed),
    on: {
      connected(opened) {
        socket = opened as WebSocket;
        times += 1;
      },
    },
  });
  opened.add(client);
  return {
    subscribe: (query, variables = {}) => subscribe(client, query, variables),
    closed,
    timesOpened: () => times,
    cut: () => socket?.terminate(),
    close: async () => client.dispose(),
  };
}

function subscribe(client: Client, query: string, variables: Record<string, unknown>): Subscription {
  const seen: Seen[] = [];
  let wake: () => void = () => undefined;
  let end: (problem?: unknown) => void;
  const ended = new Promise<unknown>((resolve) => {
    end = resolve;
  });
  const stop = client.subscribe(
    { query, variables },
    {
      next(result) {
        seen.push(result as Seen);
        wake();
      },
      error: (problem) => end(problem),
      complete: () => end(),
    },
  );

  async function next(): Promise<Seen> {
    for (const giveUpMs = performance.now() + maxWaitMs; ; ) {
      const result = seen.shift();
      if (result) return result;
      const restMs = giveUpMs - performance.now();
      if (restMs <= 0) throw new Error(`nothing was shown within ${maxWaitMs} ms`);
      await woken(restMs);
    }
  }

  function woken(withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, withinMs).unref();
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  return {
    next,
    async until(isTrue) {
      for (;;) {
        const result = await next();
        if (isTrue(result)) return result;
      }
    },
    waiting: () => seen.length,
    ended,
    stop,
  };
}

/** A socket by itself, for what no well-behaved client sends. */
export interface RawSocket {
  socket: WebSocket;
  /** All messages so far. */
  messages: Record<string, unknown>[];
  /** The message of this type, when it comes. */
  message(type: string): Promise<Record<string, unknown>>;
  send(message: object | string): void;
  closed: Promise<Closed>;
}

export async function dial(
  api: TestService,
  protocol: string | undefined = 'graphql-transport-ws',
  headers: Record<string, string> = {},
): Promise<RawSocket> {
  const socket = new WebSocket(`ws://${await addressOf(api)}/graphql`, protocol ? [protocol] : [], {
    headers,
  });
  const messages: Record<string, unknown>[] = [];
  const arrivals = new EventEmitter();
  socket.on('message', (text) => {
    messages.push(JSON.parse(String(text)));
    arrivals.emit('message');
  });
  const closed = new Promise<Closed>((resolve) => {
    socket.once('close', (code, reason) => resolve({ code, reason: String(reason) }));
  });
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  raw.add(socket);
  return {
    socket,
    messages,
    closed,
    async message(type) {
      for (;;) {
        const found = messages.find((message) => message.type === type);
        if (found) return found;
        await once(arrivals, 'message');
      }
    },
    send: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
  };
}

/** The same, signed in. */
export async function dialSignedIn(api: TestService): Promise<RawSocket> {
  const dialled = await dial(api);
  dialled.send({ type: 'connection_init', payload: { authorization: api.authorization } });
  await dialled.message('connection_ack');
  return dialled;
}

const raw = new Set<WebSocket>();
afterEach(() => {
  for (const socket of raw) socket.terminate();
  raw.clear();
});
