import sql from 'sql-template-tag';
import { type ImportedEvent, registerAll } from '../src/import/registerAll';
import type { Service } from '../src/service';
import { writeOne } from '../src/storage/database';
import { type Month, nextMonth } from '../src/values/months';
import { type EventPlan, type GeneratedEvent, generateEvents } from './generateEvents';
import sample from './sample.json';

const sampleCaregivers = 40;
const sampleMonths = 36;
const sampleSeedNumber = 20;

/**
 * Loads the sample into a database that holds nothing: units, caregivers, event types and three years of events up
 * to now, all but the last two months paid.
 * @returns what was loaded, in words; undefined when the database was not empty
 */
export async function loadSample(service: Service): Promise<string | undefined> {
  const { database, calendar } = service;
  const filled = await database.read((snapshot) =>
    snapshot.one(
      sql`select 1 from caregiver union all select 1 from event_type union all select 1 from unit limit 1`,
    ),
  );
  if (filled) return undefined;

  const now = service.now();
  const toMonth = calendar.monthOf(now);
  const fromMonth = monthsBefore(toMonth, sampleMonths);
  const people = await createPeople(service, sampleCaregivers);
  const plan: EventPlan = {
    seedNumber: sampleSeedNumber,
    caregivers: sampleCaregivers,
    eventTypeWeights: sample.eventTypes.map((eventType) => eventType.weight),
    fromMonth,
    toMonth,
    eventsPerMonth: 16,
  };
  const { registered } = await registerGenerated(service, people, generateEvents(plan), now);
  await payMonths(service, people.caregiverIds, fromMonth, monthsBefore(toMonth, 2));
  return `sample data: ${sampleCaregivers} caregivers, ${registered} events of three years`;
}

/** Ids as the service gave them, by index. */
export interface People {
  caregiverIds: number[];
  eventTypeIds: number[];
}

/** Creates the sample's units and event types, and caregivers with names put together from its lists. */
export async function createPeople(service: Service, caregivers: number): Promise<People> {
  const { database, commands } = service;
  const unitIds: string[] = [];
  for (const name of sample.units) {
    const unit = await writeOne(database, commands.createUnit, { name, externalId: null });
    unitIds.push(String(unit.id));
  }
  const eventTypeIds: number[] = [];
  for (const { name, amount } of sample.eventTypes) {
    const wish = { name, externalId: null, amountMinor: amount, currency: 'SEK' };
    eventTypeIds.push((await writeOne(database, commands.createEventType, wish)).id);
  }
  const outcomes = await database.write(
    commands.createCaregiver,
    Array.from({ length: caregivers }, (_, index) => ({
      name: nameOf(index),
      externalId: null,
      unitId: unitIds[index % unitIds.length] as string,
    })),
  );
  const caregiverIds = outcomes.map((outcome) => {
    if ('error' in outcome) throw outcome.error;
    return outcome.value.id;
  });
  return { caregiverIds, eventTypeIds };
}

/** Registers generated events, except those that have not taken place by `untilMs`. */
export function registerGenerated(
  service: Service,
  people: People,
  events: Iterable<GeneratedEvent>,
  untilMs: number,
  onProgress?: (handled: number) => void,
) {
  const receivedAtMs = service.now();
  function* toImport(): Generator<ImportedEvent<GeneratedEvent>> {
    for (const event of events) {
      if (event.occurredAtMs >= untilMs) continue;
      yield {
        source: event,
        event: {
          id: event.id,
          caregiverId: String(people.caregiverIds[event.caregiverIndex]),
          eventTypeId: String(people.eventTypeIds[event.eventTypeIndex]),
          occurredAt: { instantMs: event.occurredAtMs },
          lateReason: 'seed',
          receivedAtMs,
        },
      };
    }
  }
  return registerAll(
    service,
    toImport(),
    (_event, error) => {
      throw error;
    },
    onProgress,
  );
}

/** One payout for each month from `fromMonth` up to, not including, `toMonth`. */
async function payMonths(
  service: Service,
  caregiverIds: readonly number[],
  fromMonth: Month,
  toMonth: Month,
): Promise<void> {
  const { database, commands, calendar } = service;
  for (let month = fromMonth; month < toMonth; month = nextMonth(month)) {
    await writeOne(database, commands.reimburseEvents, {
      caregiverIds,
      range: { fromMs: calendar.startOf(month), toMs: calendar.startOf(nextMonth(month)) },
      createdBy: 'seed',
      createdAtMs: service.now(),
    });
  }
}

/** Neighbours get different first and last names; names repeat after 930 caregivers. */
function nameOf(index: number): string {
  const { firstNames, lastNames } = sample;
  return `${firstNames[index % firstNames.length]} ${lastNames[(index * 7) % lastNames.length]}`;
}

/** The month so many months before another. */
export function monthsBefore(month: Month, months: number): Month {
  const count = Math.floor(month / 100) * 12 + (month % 100) - 1 - months;
  return Math.floor(count / 12) * 100 + (count % 12) + 1;
}
