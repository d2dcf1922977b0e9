import { type Random, randomUuid } from '../../seed/random';
import {
  type AnsweredEvent,
  createCaregiver,
  createEventType,
  createUnit,
  deleteEvent,
  type EventInput,
  findDrift,
  type MonthlyRollupRow,
  monthlyRollupRows,
  type Outcome,
  readReport,
  registerBatch,
  reimburseEvents,
  updateEventType,
} from '../support/fixtures';
import { chosen, expectedReport, inOrder, type KnownEvent, monthsIn } from '../support/oracle';
import { between, oneOf, someOf, withRandom } from '../support/random';
import { serviceForTests, type TestService } from '../support/testService';

const timeZone = 'Europe/Stockholm';
const nowMs = Date.parse('2026-06-15T12:00:00Z');
const hourMs = 3_600_000;
const lateReason = 'entered later';

/** Years before 1970, of summer time in wars, and the earliest of all. */
const longAgo = [1900, 1916, 1940, 1945, 1969];

/** What the oracle knows of an event type. */
interface KnownEventType {
  id: string;
  amount: number;
  currency: string;
  archived: boolean;
}

/**
 * Does the same to the service, through its API, and to a plain list of events in memory, and holds every single
 * answer to what the list says.
 */
class World {
  readonly events = new Map<string, KnownEvent>();
  readonly caregivers: string[] = [];
  readonly units = new Map<string, string[]>();
  readonly eventTypes: KnownEventType[] = [];
  /** How often each kind of operation was done. */
  readonly done: Record<string, number> = {};
  private readonly monthOf = monthsIn(timeZone);

  constructor(
    readonly api: TestService,
    readonly random: Random,
  ) {}

  async populate(): Promise<void> {
    for (let unit = 0; unit < 3; unit += 1) {
      const unitId = await createUnit(this.api);
      const caregivers: string[] = [];
      for (let place = 0; place < 4; place += 1) caregivers.push(await createCaregiver(this.api, { unitId }));
      this.units.set(unitId, caregivers);
      this.caregivers.push(...caregivers);
    }
    for (let index = 0; index < 6; index += 1) await this.addEventType();
  }

  async addEventType(): Promise<void> {
    const eventType = { amount: this.amount(), currency: oneOf(this.random, ['SEK', 'SEK', 'EUR', 'USD']) };
    this.eventTypes.push({ id: await createEventType(this.api, eventType), ...eventType, archived: false });
  }

  // ---- Operations ------------------------------------------------------------------------------------------------

  /** Registers inputs of every kind in one batch, or one by one at the same time. */
  async register(inputs: EventInput[], way: 'batch' | 'single'): Promise<void> {
    const expected = inputs.map((input) => this.expectRegistration(input));
    const outcomes =
      way === 'batch'
        ? await registerBatch(this.api, inputs)
        : (await Promise.all(inputs.map((input) => registerBatch(this.api, [input])))).map(
            ([outcome]) => outcome,
          );
    for (const [index, outcome] of (outcomes as Outcome[]).entries()) {
      const { event, error, replayed } = outcome;
      expect([inputs[index], error?.code ?? (replayed ? 'replayed' : 'registered')]).toEqual([
        inputs[index],
        expected[index],
      ]);
      if (event && !replayed) this.remember(event);
      if (event) this.expectSame(event);
      this.count(expected[index] as string);
    }
  }

  /** What becomes of an input. A new event is known from here on, so that the next input with its id meets it. */
  private expectRegistration(input: EventInput): string {
    const stored = input.id && this.events.get(input.id.toLowerCase());
    const occurredAtMs = Date.parse(input.occurredAt);
    if (Number.isNaN(occurredAtMs)) return 'BAD_USER_INPUT';
    if (stored) {
      const same =
        stored.caregiverId === input.caregiverId &&
        stored.eventTypeId === input.eventTypeId &&
        stored.occurredAtMs === occurredAtMs &&
        stored.lateReason === (input.lateReason ?? null);
      return same ? 'replayed' : 'EVENT_ID_CONFLICT';
    }
    if (!this.caregivers.includes(input.caregiverId)) return 'UNKNOWN_CAREGIVER';
    const eventType = this.eventTypes.find((type) => type.id === input.eventTypeId);
    if (!eventType) return 'UNKNOWN_EVENT_TYPE';
    if (eventType.archived) return 'EVENT_TYPE_ARCHIVED';
    if (occurredAtMs > nowMs + 5 * 60_000) return 'EVENT_IN_FUTURE';
    if (!input.lateReason && occurredAtMs < nowMs - 12 * hourMs) return 'LATE_ENTRY';
    if (input.id) this.events.set(input.id.toLowerCase(), this.newEvent(input.id.toLowerCase(), input));
    return 'registered';
  }

  private newEvent(
    id: string,
    input: Pick<EventInput, 'caregiverId' | 'eventTypeId' | 'occurredAt' | 'lateReason'>,
  ) {
    const { caregiverId, eventTypeId, lateReason = null } = input;
    const occurredAtMs = Date.parse(input.occurredAt);
    const { amount, currency } = this.eventTypes.find((type) => type.id === eventTypeId) as KnownEventType;
    const month = this.monthOf(occurredAtMs);
    return {
      ...{ id, caregiverId, eventTypeId, occurredAtMs, lateReason, month, amount, currency },
      payoutId: null,
      deleted: false,
    };
  }

  /** An event whose id the service made is known only now. */
  private remember({ id, caregiver, eventType, occurredAt, lateReason }: AnsweredEvent): void {
    const input = { caregiverId: caregiver.id, eventTypeId: eventType.id, occurredAt, lateReason };
    if (!this.events.has(id)) this.events.set(id, this.newEvent(id, input));
  }

  private expectSame(event: AnsweredEvent): void {
    const known = this.events.get(event.id) as KnownEvent;
    expect(event).toMatchObject({
      caregiver: { id: known.caregiverId },
      eventType: { id: known.eventTypeId },
      occurredAt: new Date(known.occurredAtMs).toISOString(),
      month: known.month,
      amount: known.amount,
      currency: known.currency,
      payout: known.payoutId === null ? null : { id: known.payoutId },
    });
    expect(event.deletedAt !== null).toBe(known.deleted);
  }

  async remove(id: string): Promise<void> {
    const known = this.events.get(id);
    const answer = await this.api.ask(deleteEvent, { id });
    const expected = !known ? 'UNKNOWN_EVENT' : known.payoutId === null ? 'deleted' : 'EVENT_REIMBURSED';
    expect(answer.errors?.[0]?.extensions?.code ?? 'deleted').toBe(expected);
    this.count(expected);
    if (!known || expected !== 'deleted') return;
    known.deleted = true;
    this.expectSame(answer.data.deleteEvent);
  }

  async payByIds(ids: string[]): Promise<void> {
    const events = ids.map((id) => this.events.get(id));
    const bad = events.find((event) => !event || event.deleted || event.payoutId !== null);
    const expected =
      bad?.deleted === true
        ? 'EVENT_DELETED'
        : bad
          ? 'EVENT_REIMBURSED'
          : events.includes(undefined)
            ? 'UNKNOWN_EVENT'
            : 'paid';
    await this.pay({ eventIds: ids }, expected === 'paid' ? (events as KnownEvent[]) : expected);
  }

  async payRange(caregiverIds: string[], range: Record<string, string>): Promise<void> {
    const matching = [...this.events.values()].filter(
      (event) =>
        caregiverIds.includes(event.caregiverId) &&
        !event.deleted &&
        event.payoutId === null &&
        (!range.from || event.occurredAtMs >= Date.parse(range.from)) &&
        (!range.to || event.occurredAtMs < Date.parse(range.to)) &&
        (!range.fromMonth || event.month >= range.fromMonth) &&
        (!range.toMonth || event.month <= range.toMonth),
    );
    await this.pay({ caregiverIds, ...range }, matching.length > 0 ? matching : 'NOTHING_TO_REIMBURSE');
  }

  private async pay(input: object, expected: KnownEvent[] | string): Promise<void> {
    const answer = await this.api.ask(reimburseEvents, { input });
    const code = answer.errors?.[0]?.extensions?.code;
    if (typeof expected === 'string') {
      expect([input, code]).toEqual([input, expected]);
      this.count(expected);
      return;
    }
    expect([input, code]).toEqual([input, undefined]);
    const { id, totals, events } = answer.data.reimburseEvents;
    expect(events.nodes).toEqual(
      inOrder(expected)
        .slice(0, 1_000)
        .map(({ id }) => ({ id })),
    );
    for (const event of expected) event.payoutId = id;
    expect(totals).toEqual(
      expectedReport(expected).totals.map(({ currency, total }) => ({ currency, ...total })),
    );
    this.count('eventIds' in input ? 'paid by ids' : 'paid by range');
  }

  async changeEventType(): Promise<void> {
    const eventType = oneOf(this.random, this.eventTypes);
    const change = { amount: this.amount(), archived: this.random.next() < 0.1 };
    await updateEventType(this.api, eventType.id, change);
    Object.assign(eventType, change);
    this.count('event type changed');
  }

  private count(operation: string): void {
    this.done[operation] = (this.done[operation] ?? 0) + 1;
  }

  // ---- Drawing by lot --------------------------------------------------------------------------------------------

  private amount(): number {
    return oneOf(this.random, [0, 1, 99, 12_500, 98_000, 2 ** 31, 2 ** 41 + 1]);
  }

  /** Times at which counting goes wrong first, and ordinary ones. */
  instant(): number {
    return Math.max(Date.UTC(1900, 0, 1), this.anyInstant());
  }

  private anyInstant(): number {
    const { random } = this;
    const near = (ms: number) =>
      ms +
      oneOf(random, [-hourMs, -1_000, -1, 0, 1, 1_000, hourMs, between(random, -2 * hourMs, 2 * hourMs)]);
    const kind = between(random, 0, 9);
    if (kind <= 2) return near(startOfLocalMonth(between(random, 2024, 2026), between(random, 0, 5)));
    if (kind === 3) return near(startOfLocalMonth(oneOf(random, longAgo), between(random, 0, 11)));
    if (kind === 4) return near(lastSundayAtOne(oneOf(random, [1981, 1996, 2025]), oneOf(random, [2, 9])));
    if (kind === 5) return Date.UTC(oneOf(random, longAgo), 0, 2) + between(random, 0, 360 * 24 * hourMs);
    if (kind === 6) return nowMs - between(random, 0, 12 * hourMs);
    return between(random, Date.UTC(2025, 0, 1), nowMs);
  }

  /** An instant, now and then one at which an event took place, or the millisecond beside it. */
  border(): number {
    const known = oneOf(this.random, [...this.events.values()]);
    return this.random.next() < 0.3
      ? Math.max(Date.UTC(1900, 0, 1), known.occurredAtMs + between(this.random, -1, 1))
      : this.instant();
  }

  /** Two borders, mostly not far from each other. */
  range(): [fromMs: number, toMs: number] {
    const from = this.border();
    const other =
      this.random.next() < 0.1 ? this.border() : from + between(this.random, 0, 100 * 24 * hourMs);
    return [Math.min(from, other), Math.max(from, other)];
  }

  newInput(): EventInput {
    const { random } = this;
    const input: EventInput = {
      caregiverId: oneOf(random, this.caregivers),
      eventTypeId: oneOf(random, this.eventTypes).id,
      occurredAt: written(Math.min(this.instant(), nowMs), random),
      lateReason,
    };
    if (random.next() < 0.6) input.id = randomUuid(random);
    return input;
  }

  badInput(): EventInput {
    return {
      ...this.newInput(),
      ...oneOf<Partial<EventInput>>(this.random, [
        { caregiverId: '999999999' },
        { eventTypeId: '999999999' },
        { occurredAt: '2026-13-01T12:00:00Z' },
        { occurredAt: '2026-06-15T12:05:00.001Z' },
        { occurredAt: '2026-06-14T23:59:59.999Z', lateReason: null },
      ]),
    };
  }

  replay(): EventInput {
    const { id, caregiverId, eventTypeId, occurredAtMs, lateReason } = oneOf(this.random, [
      ...this.events.values(),
    ]);
    const sent = this.random.next() < 0.3 ? id.toUpperCase() : id;
    return { id: sent, caregiverId, eventTypeId, occurredAt: written(occurredAtMs, this.random), lateReason };
  }

  conflict(): EventInput {
    const input = this.replay();
    const change = oneOf<Partial<EventInput>>(this.random, [
      { caregiverId: oneOf(this.random, this.caregivers) },
      { occurredAt: written(this.instant(), this.random) },
      { lateReason: 'another reason' },
    ]);
    return { ...input, ...change };
  }

  /** An input of any kind, mostly good. */
  anyInput(): EventInput {
    const chance = this.random.next();
    if (chance < 0.1 && this.events.size > 0) return this.replay();
    if (chance < 0.15 && this.events.size > 0) return this.conflict();
    return chance < 0.25 ? this.badInput() : this.newInput();
  }

  anyEventIds(most: number): string[] {
    const payable = [...this.events.values()].filter((event) => event.payoutId === null && !event.deleted);
    const from = payable.length > 0 && this.random.next() < 0.7 ? payable : [...this.events.values()];
    const ids = Array.from({ length: between(this.random, 1, most) }, () => oneOf(this.random, from).id);
    if (this.random.next() < 0.1) ids.push(randomUuid(this.random));
    return [...new Set(ids)];
  }
}

/** The offset that the zone shows at an instant, by Intl. */
function offsetAt(instantMs: number): number {
  const shown = new Intl.DateTimeFormat('sv-SE', {
    timeZone,
    dateStyle: 'short',
    timeStyle: 'medium',
  }).format(instantMs);
  return Date.parse(`${shown.replace(' ', 'T')}Z`) - Math.floor(instantMs / 1_000) * 1_000;
}

/** The first instant of a local month. Stockholm never changed its clocks around midnight of a first. */
function startOfLocalMonth(year: number, monthIndex: number): number {
  const midnight = Date.UTC(year, monthIndex, 1);
  return midnight - offsetAt(midnight - 2 * hourMs);
}

/** When summer time begins or ends in Europe: the last Sunday of the month at 01:00 UTC. */
function lastSundayAtOne(year: number, monthIndex: number): number {
  const last = new Date(Date.UTC(year, monthIndex + 1, 0, 1));
  return last.getTime() - last.getUTCDay() * 24 * hourMs;
}

/** An instant as text with some offset. */
function written(instantMs: number, random: Random): string {
  const offsetMinutes = oneOf(random, [0, 60, 120, -300, 345, 840, -720]);
  const local = new Date(instantMs + offsetMinutes * 60_000).toISOString().slice(0, -1);
  if (offsetMinutes === 0) return `${local}Z`;
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  const distance = Math.abs(offsetMinutes);
  return `${local}${offsetMinutes < 0 ? '-' : '+'}${two(distance / 60)}:${two(distance % 60)}`;
}

/** The rollup as the list of events says it must lie in the database. */
function expectedRollup(events: Iterable<KnownEvent>): MonthlyRollupRow[] {
  return expectedReport([...events])
    .rows.map(({ month, caregiver, currency, reimbursed, unreimbursed }) => ({
      caregiver_id: Number(caregiver.id),
      month: Number(month.replace('-', '')),
      currency,
      reimbursed_amount: reimbursed.amount,
      reimbursed_events: reimbursed.events,
      unreimbursed_amount: unreimbursed.amount,
      unreimbursed_events: unreimbursed.events,
    }))
    .sort(
      (left, right) =>
        left.caregiver_id - right.caregiver_id ||
        left.month - right.month ||
        (left.currency < right.currency ? -1 : 1),
    );
}

async function operate(world: World): Promise<void> {
  const { random } = world;
  const inputs = (most: number) => Array.from({ length: between(random, 1, most) }, () => world.anyInput());
  const chance = random.next();
  if (chance < 0.35 || world.events.size === 0) await world.register(inputs(1), 'single');
  else if (chance < 0.5) await world.register(distinct(inputs(12)), 'single');
  else if (chance < 0.62) await world.register(repeated(random, inputs(25)), 'batch');
  else if (chance < 0.82) {
    await world.remove(random.next() < 0.05 ? randomUuid(random) : oneOf(random, [...world.events.keys()]));
  } else if (chance < 0.9) await world.payByIds(world.anyEventIds(8));
  else if (chance < 0.95) {
    const caregivers = someOf(random, world.caregivers, 0.3);
    const [from, to] = world.range();
    const month = (ms: number) => monthsIn(timeZone)(ms);
    const range = oneOf<Record<string, string>>(random, [
      { from: written(from, random), to: written(to, random) },
      { fromMonth: month(from), toMonth: month(from) },
      { fromMonth: month(to) },
    ]);
    await world.payRange(caregivers.length > 0 ? caregivers : world.caregivers.slice(0, 1), range);
  } else await world.changeEventType();
}

/** Some inputs of a batch again behind themselves, as they are or with something changed. */
function repeated(random: Random, inputs: EventInput[]): EventInput[] {
  const again = someOf(random, inputs, 0.2).map((input) =>
    random.next() < 0.5 ? input : { ...input, occurredAt: '2026-06-15T11:59:59.999Z' },
  );
  return [...inputs, ...again];
}

/** Single requests overtake each other, so those of one burst must not share an id. */
function distinct(inputs: EventInput[]): EventInput[] {
  const ids = new Set<string>();
  return inputs.filter(({ id }) => {
    if (!id) return true;
    const taken = ids.has(id.toLowerCase());
    ids.add(id.toLowerCase());
    return !taken;
  });
}

/** Every kind of operation must come up, or the test would say less than it seems to. */
const everyOperation = [
  'registered',
  'replayed',
  'EVENT_ID_CONFLICT',
  'BAD_USER_INPUT',
  'UNKNOWN_CAREGIVER',
  'UNKNOWN_EVENT_TYPE',
  'EVENT_TYPE_ARCHIVED',
  'EVENT_IN_FUTURE',
  'LATE_ENTRY',
  'deleted',
  'UNKNOWN_EVENT',
  'EVENT_REIMBURSED',
  'EVENT_DELETED',
  'paid by ids',
  'paid by range',
  'NOTHING_TO_REIMBURSE',
  'event type changed',
];

/** A report of a random range, most of them cutting months, over everybody, some caregivers or a unit. */
async function compareReport(world: World): Promise<void> {
  const { api, random } = world;
  const [fromMs, toMs] = world.range();
  const caregiverIds = random.next() < 0.2 ? undefined : someOf(random, world.caregivers, 0.2);
  const unitId = random.next() < 0.2 ? oneOf(random, [...world.units.keys()]) : undefined;
  const choice = {
    caregiverIds,
    fromMs: random.next() < 0.95 ? fromMs : undefined,
    toMs: random.next() < 0.95 ? toMs : undefined,
  };
  const filter = {
    caregiverIds,
    unitIds: unitId && [unitId],
    from: choice.fromMs === undefined ? undefined : new Date(choice.fromMs).toISOString(),
    to: choice.toMs === undefined ? undefined : new Date(choice.toMs).toISOString(),
  };
  const events = chosen(world.events.values(), choice).filter(
    (event) => !unitId || world.units.get(unitId)?.includes(event.caregiverId),
  );
  expect([filter, await readReport(api, filter)]).toEqual([filter, expectedReport(events)]);
}

// Ten thousand requests, one after the other: on a server each waits for several answers on their way.
jest.setTimeout(300_000);

const api = serviceForTests({ timeZone });

test('after thousands of operations of every kind, everything is what a plain list of the events says', () =>
  withRandom(async (random) => {
    api.setNow(nowMs);
    const world = new World(api, random);
    await world.populate();

    for (let turn = 1; turn <= 1_500; turn += 1) {
      await operate(world);
      if (turn % 300 !== 0) continue;
      expect(await monthlyRollupRows(api)).toEqual(expectedRollup(world.events.values()));
      expect(await findDrift(api)).toEqual([]);
    }
    const operations = Object.values(world.done).reduce((sum, count) => sum + count, 0);
    expect(operations).toBeGreaterThanOrEqual(4_000);
    expect(Object.keys(world.done).sort()).toEqual([...everyOperation].sort());

    for (let range = 0; range < 1_000; range += 1) await compareReport(world);
  }));
