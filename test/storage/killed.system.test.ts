import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import sql from 'sql-template-tag';
import { type Random, randomUuid } from '../../seed/random';
import { directoryCommands } from '../../src/directory/commands';
import { actOfOperator } from '../../src/platform/audit/act';
import { reimbursementCommands } from '../../src/reimbursements/commands';
import { untilAlone } from '../support/alone';
import { databaseForTests, type TestDatabase } from '../support/databases';
import {
  type AnsweredEvent,
  deleteEvent,
  type EventInput,
  eventFields,
  findDrift,
  type Outcome,
  pageOf,
  readTally,
  registerBatch,
  registerEvent,
  registerEvents,
  reimburseEvents,
  select,
  walk,
} from '../support/fixtures';
import { between, oneOf, withRandom } from '../support/random';
import { addressOf, spawnService } from '../support/serviceProcess';
import { type Answer, startTestService } from '../support/testService';
import { adminHeader } from '../support/tokens';

/** The built service as a process of its own, as operators run it. */
class ServiceProcess {
  /** Gives up what waits for an answer of a dead process; fetch alone does not always notice. */
  private readonly ended = new AbortController();
  private killed: Promise<void> | undefined;

  private constructor(
    private readonly child: ChildProcess,
    private readonly origin: string,
  ) {}

  static async start(database: TestDatabase): Promise<ServiceProcess> {
    const child = spawnService({ DATABASE_URL: database.url, LOG_LEVEL: 'silent' });
    return new ServiceProcess(child, new URL(await addressOf(child)).origin);
  }

  /** Sends an operation; rejects when the process dies before it has answered. */
  // biome-ignore lint/suspicious/noExplicitAny: a client sees plain JSON
  async data(query: string, variables: object): Promise<any> {
    const response = await fetch(`${this.origin}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(await adminHeader()) },
      body: JSON.stringify({ query, variables }),
      signal: this.ended.signal,
    });
    const { data, errors } = (await response.json()) as Answer;
    if (errors) throw new Error(`refused: ${JSON.stringify(errors)}`);
    return data;
  }

  /** Ends the process as a power cut would end it; the second time, nothing is left to do. */
  kill(): Promise<void> {
    this.killed ??= this.killNow();
    return this.killed;
  }

  private async killNow(): Promise<void> {
    const exit = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    expect(await exit).toEqual([null, 'SIGKILL']);
    this.ended.abort();
  }
}

/** What the clients sent, and what the service said that it had done, before it was killed. */
class Clients {
  readonly sent = new Map<string, EventInput>();
  readonly registered = new Set<string>();
  readonly deleted = new Set<string>();
  readonly paid = new Map<string, string>();
  private readonly touched = new Set<string>();
  private answers = 0;

  constructor(
    private readonly random: Random,
    private readonly caregiverIds: readonly string[],
    private readonly eventTypeId: string,
  ) {}

  /** Several clients write without a pause; the process is killed behind so many answers, while others are at work. */
  async writeUntilKilled(service: ServiceProcess, answers: number): Promise<void> {
    this.answers = 0;
    let alive = true;
    const client = async () => {
      while (alive) {
        try {
          await this.writeOnce(service);
          this.answers += 1;
        } catch (error) {
          // The only failure there may be is the process's end.
          if (this.answers < answers) throw error;
          return;
        }
        if (this.answers >= answers) {
          alive = false;
          await service.kill();
        }
      }
    };
    try {
      await Promise.all(Array.from({ length: 24 }, client));
    } finally {
      await service.kill();
    }
  }

  private async writeOnce(service: ServiceProcess): Promise<void> {
    const chance = this.random.next();
    const ids = chance < 0.2 ? this.untouched(chance < 0.1 ? 1 : 5) : [];
    if (ids.length > 0 && chance < 0.1) {
      await service.data(deleteEvent, { id: ids[0] });
      this.deleted.add(ids[0] as string);
    } else if (ids.length > 0) {
      const { reimburseEvents: payout } = await service.data(reimburseEvents, { input: { eventIds: ids } });
      for (const id of ids) this.paid.set(id, payout.id);
    } else if (chance < 0.3) {
      const inputs = Array.from({ length: between(this.random, 20, 60) }, () => this.newInput());
      const { registerEvents: outcomes } = await service.data(registerEvents, { inputs });
      for (const { event } of outcomes as Outcome[]) this.registered.add((event as AnsweredEvent).id);
    } else {
      const input = this.newInput();
      await service.data(registerEvent, { input });
      this.registered.add(input.id);
    }
  }

  private newInput() {
    const input = {
      id: randomUuid(this.random),
      caregiverId: oneOf(this.random, this.caregiverIds),
      eventTypeId: this.eventTypeId,
      occurredAt: `2026-0${between(this.random, 1, 3)}-15T12:00:00Z`,
      lateReason: 'entered later',
    };
    this.sent.set(input.id, input);
    return input;
  }

  /** Registered events that no client has deleted or paid or is about to. */
  private untouched(most: number): string[] {
    const ids = [...this.registered].filter((id) => !this.touched.has(id)).slice(0, most);
    for (const id of ids) this.touched.add(id);
    return ids;
  }
}

const amount = 250;
const database = databaseForTests();

test(
  'killed in the middle of writing, the service keeps all that it acknowledged and counts nothing twice',
  () =>
    withRandom(async (random) => {
      const preparing = await startTestService({ database });
      const { database: storage } = preparing.service;
      const act = actOfOperator(preparing.service);
      const people = ['Anna', 'Bo', 'Cleo'].map((name) => ({ name, externalId: null, unitId: null, act }));
      await storage.write(directoryCommands.createCaregiver, people);
      const visit = { name: 'Visit', externalId: null, amountMinor: amount, currency: 'SEK', act };
      await storage.write(reimbursementCommands(preparing.service).createEventType, [visit]);
      await preparing.close();

      const clients = new Clients(random, ['1', '2', '3'], '1');
      for (const answers of [1, 60, 150, 300]) {
        const service = await ServiceProcess.start(database);
        await clients.writeUntilKilled(service, answers);
      }
      const { sent, registered, deleted, paid } = clients;
      expect(registered.size).toBeGreaterThan(1_000);
      expect(sent.size).toBeGreaterThan(registered.size);
      expect(deleted.size).toBeGreaterThan(5);
      expect(paid.size).toBeGreaterThan(20);

      await untilAlone(database);
      const api = await startTestService({ database });
      if (testEngine === 'sqlite') {
        expect(await select(api, sql`pragma integrity_check`)).toEqual([{ integrity_check: 'ok' }]);
      }
      expect(await findDrift(api)).toEqual([]);

      const found = await walk<AnsweredEvent>(1_000, async (first, after) => {
        const { events } = await api.data(
          `query ($first: Int, $after: String) {
          events(filter: { deleted: null }, first: $first, after: $after) { ${pageOf(eventFields)} }
        }`,
          { first, after },
        );
        return events;
      });
      const stored = new Map(found.map((event) => [event.id, event]));
      expect([...registered].filter((id) => !stored.has(id))).toEqual([]);
      expect([...stored.keys()].filter((id) => !sent.has(id))).toEqual([]);
      expect([...deleted].filter((id) => !stored.get(id)?.deletedAt)).toEqual([]);
      expect([...paid].filter(([id, payoutId]) => stored.get(id)?.payout?.id !== payoutId)).toEqual([]);

      const outcomes = await registerBatch(api, [...sent.values()]);
      expect(outcomes.filter((outcome) => outcome.error)).toEqual([]);
      for (const { event, replayed } of outcomes) {
        expect([event?.id, replayed]).toEqual([event?.id, stored.has(event?.id as string)]);
      }
      const gone = [...stored.values()].filter((event) => event.deletedAt).length;
      const tally = await readTally(api, {});
      expect(tally.paid.events + tally.owed.events).toBe(sent.size - gone);
      expect(tally.paid.amount + tally.owed.amount).toBe((sent.size - gone) * amount);
      expect(await findDrift(api)).toEqual([]);
      await api.close();
    }),
  180_000,
);
