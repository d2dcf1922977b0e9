import type { Service } from '../src/platform/service';
import type { Month } from '../src/platform/values/months';
import { operator } from '../src/reimbursements/events/registerEvents';
import { ensureCaregivers, ensureEventTypes, ensureUnits } from '../src/reimbursements/import/ensure';
import { type ImportedEvent, registerAll } from '../src/reimbursements/import/registerAll';
import type { GeneratedEvent } from './generateEvents';
import sample from './sample.json';

/** Ids as the service gave them, by index. */
export interface People {
  caregiverIds: number[];
  eventTypeIds: number[];
}

/** Creates the sample's units and event types, and caregivers with names put together from its lists; once. */
export async function createPeople(service: Service, caregivers: number): Promise<People> {
  const units = await ensureUnits(
    service,
    sample.units.map((name, index) => ({ name, externalId: `seed-unit-${index + 1}` })),
  );
  const eventTypes = await ensureEventTypes(
    service,
    sample.eventTypes.map(({ name, amount }, index) => ({
      name,
      externalId: `seed-event-type-${index + 1}`,
      amountMinor: amount,
      currency: 'SEK',
    })),
  );
  const wishes = Array.from({ length: caregivers }, (_, index) => ({
    name: nameOf(index),
    externalId: `seed-caregiver-${index + 1}`,
    unitId: String(units.ids.get(`seed-unit-${(index % sample.units.length) + 1}`)),
  }));
  const { ids } = await ensureCaregivers(service, wishes);
  return {
    caregiverIds: wishes.map((wish) => ids.get(wish.externalId) as number),
    eventTypeIds: sample.eventTypes.map(
      (_, index) => eventTypes.ids.get(`seed-event-type-${index + 1}`) as number,
    ),
  };
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
          sender: operator,
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
