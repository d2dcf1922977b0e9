import type { Client } from 'urql';
import { graphql, type ResultOf } from '../api/graphql';
import { type Refusal, refusalOf } from '../api/refusal';
import type { Queue, QueuedEvent } from './queue';

const registerMutation = graphql(`
  mutation RegisterEvent($input: RegisterEventInput!) {
    registerEvent(input: $input) {
      event { id occurredAt amount currency reimbursed deletedAt eventType { id name } caregiver { id name } }
    }
  }
`);

export type RegisteredEvent = ResultOf<typeof registerMutation>['registerEvent']['event'];

/** What has become of an event. */
export type Fate =
  | { is: 'registered'; event: RegisteredEvent }
  | { is: 'refused'; reason: Refusal }
  /** Nobody knows whether it has arrived: it is sent again. */
  | { is: 'waiting'; atLeastMs: number }
  /** The token holds no longer; sent again when the same person has signed in. */
  | { is: 'signedOut' };

export interface Sender {
  /** Sends all that waits, now. */
  send(): void;
  stop(): void;
}

/** A connection that has gone silent is given up after so long. The answer may be lost; the event is sent again. */
const patienceMs = 20_000;
const maxPauseMs = 60_000;
/** A browser need not tell each of its pages that it is online again: one that was just opening may not hear it. */
const offlinePauseMs = 2_000;

/**
 * Sends somebody's queue to the service, one event after the other and one tab at a time, until it is empty. When the
 * service cannot take them, it tries again by itself, after pauses that grow from one second to a minute.
 */
export function createSender(
  queue: Queue,
  client: Client,
  onFate: (queued: QueuedEvent, fate: Fate) => void,
): Sender {
  let isStopped = false;
  let isSending = false;
  let isAskedAgain = false;
  let failures = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function send(): Promise<void> {
    clearTimeout(timer);
    isAskedAgain = isSending;
    if (isSending) return;
    isSending = true;
    try {
      await alone(queue.name, sendAll);
    } finally {
      isSending = false;
    }
    if (isAskedAgain && !isStopped) await send();
  }

  async function sendAll(): Promise<void> {
    // The tab that sent before this one may have told of it, and this one not have heard it yet.
    queue.lookAgain();
    for (let next = nextOf(queue); next && !isStopped; next = nextOf(queue)) {
      if (!navigator.onLine) {
        timer = setTimeout(send, offlinePauseMs);
        return onFate(next, { is: 'waiting', atLeastMs: 0 });
      }
      const sent = { ...next, attempts: next.attempts + 1 };
      queue.change(sent);
      const fate = await sendOne(client, sent);
      if (fate.is === 'registered') queue.remove(sent.id);
      if (fate.is === 'refused') queue.change({ ...sent, refusal: fate.reason });
      onFate(sent, fate);
      if (fate.is === 'signedOut') return;
      if (fate.is === 'waiting') {
        failures += 1;
        if (!isStopped) timer = setTimeout(send, Math.max(fate.atLeastMs, pauseMs(failures)));
        return;
      }
      failures = 0;
    }
  }

  return {
    send: () => void send(),
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}

/** Those that have been sent least often come first, so that one which the service stumbles over holds up no other. */
function nextOf(queue: Queue): QueuedEvent | undefined {
  const waiting = queue.list().filter(({ refusal }) => refusal === undefined);
  return waiting.sort((left, right) => left.attempts - right.attempts)[0];
}

async function sendOne(client: Client, { id, caregiver, eventType, ...rest }: QueuedEvent): Promise<Fate> {
  const { occurredAt, lateReason } = rest;
  const input = { id, caregiverId: caregiver.id, eventTypeId: eventType.id, occurredAt, lateReason };
  const answer = await Promise.race([
    client.mutation(registerMutation, { input }).toPromise(),
    after(patienceMs),
  ]);
  if (answer?.data) return { is: 'registered', event: answer.data.registerEvent.event };
  const response: Response | undefined = answer?.error?.response;
  const said = answer?.error?.graphQLErrors[0];
  if (response?.status === 401) return { is: 'signedOut' };
  // Too many requests, and whatever is the service's own trouble: the event is not to blame.
  const isForLater = !said || !response || response.status === 429 || response.status >= 500;
  if (!isForLater) return { is: 'refused', reason: refusalOf(said) };
  return { is: 'waiting', atLeastMs: Number(response?.headers.get('retry-after') ?? 0) * 1_000 || 0 };
}

/** Half of it by chance, so that phones which find the network together do not ask together. */
function pauseMs(failures: number): number {
  return Math.min(maxPauseMs, 1_000 * 2 ** (failures - 1)) * (0.5 + Math.random() / 2);
}

/**
 * One tab at a time. Where the browser has no locks (without TLS, elsewhere than on the loopback), two tabs may send the same
 * event, and the service answers both the same.
 */
async function alone(name: string, work: () => Promise<void>): Promise<void> {
  if ('locks' in navigator) await navigator.locks.request(name, work);
  else await work();
}

function after(delayMs: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(() => resolve(undefined), delayMs));
}
