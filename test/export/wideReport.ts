import { type ClientRequest, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { finished } from 'node:stream/promises';
import { directoryCommands } from '../../src/directory/commands';
import { actOfOperator } from '../../src/platform/audit/act';
import { reimbursementCommands } from '../../src/reimbursements/commands';
import { operator } from '../../src/reimbursements/events/registerEvents';
import { createEventType } from '../support/fixtures';
import type { TestService } from '../support/testService';
import { adminHeader } from '../support/tokens';

export const wideCaregivers = 250;
export const wideMonths = 80;
export const wideRows = wideCaregivers * wideMonths;

/**
 * A report of 20,000 rows of more than a kilobyte each, one event a row: more than the buffers between a server and a
 * client hold, so that a client that stops reading stops the server.
 */
export async function createWideReport(api: TestService): Promise<{ eventTypeId: string }> {
  const { database } = api.service;
  const act = actOfOperator(api.service);
  const long = 'ö'.repeat(180);
  await database.write(directoryCommands.createUnit, [{ name: `Unit ${long}`, externalId: null, act }]);
  const caregivers = Array.from({ length: wideCaregivers }, (_, index) => ({
    name: `Name ${index} ${long}`,
    externalId: `external ${index} ${long}`,
    unitId: '1',
    act,
  }));
  await database.write(directoryCommands.createCaregiver, caregivers);
  const eventTypeId = await createEventType(api, { amount: 100 });
  for (let month = 0; month < wideMonths; month += 1) {
    const inputs = caregivers.map((_, index) => ({
      id: null,
      caregiverId: String(index + 1),
      eventTypeId,
      occurredAt: { instantMs: Date.UTC(2015, month, 15) },
      lateReason: 'entered later',
      sender: operator,
      receivedAtMs: api.service.now(),
    }));
    const outcomes = await database.write(reimbursementCommands(api.service).registerEvents, inputs);
    const refused = outcomes.find((outcome) => 'error' in outcome);
    if (refused) throw new Error(`refused: ${JSON.stringify(refused)}`);
  }
  return { eventTypeId };
}

/** Lets the service listen, and answers where. */
export async function listen(api: TestService): Promise<string> {
  await api.server.listen({ host: '127.0.0.1', port: 0 });
  return `http://127.0.0.1:${(api.server.server.address() as AddressInfo).port}`;
}

/** A client that has got the beginning of an answer and takes nothing more for now. */
export class SlowClient {
  private constructor(
    private readonly request: ClientRequest,
    readonly response: IncomingMessage,
  ) {}

  static async open(url: string): Promise<SlowClient> {
    const headers = await adminHeader();
    return new Promise((resolve, reject) => {
      // A connection of its own, which no other request waits for or takes over.
      const request = get(url, { agent: false, headers }, (response) => {
        response.once('readable', () => resolve(new SlowClient(request, response)));
      });
      request.on('error', reject);
    });
  }

  async hangUp(): Promise<void> {
    this.request.on('error', () => undefined);
    this.request.destroy();
    await finished(this.response).catch(() => undefined);
  }

  /** Reads on to the end; rejects when the connection breaks off. */
  readOn(): Promise<string> {
    return text(this.response);
  }
}

/** Tries again until it succeeds: what the server does when a client has gone, no client can see. */
export async function eventually<Value>(attempt: () => Promise<Value>, withinMs = 20_000): Promise<Value> {
  for (const giveUpMs = performance.now() + withinMs; ; ) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > giveUpMs) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
