import { randomUUID } from 'node:crypto';
import { ask } from './graphql';

/** Who registers events, and of which type. */
export interface People {
  caregiverIds: string[];
  eventTypeId: string;
}

/** Creates caregivers and an event type in an empty database. */
export async function createPeople(origin: string): Promise<People> {
  const caregiverIds: string[] = [];
  for (let index = 0; index < 200; index += 1) {
    const { createCaregiver } = await ask<{ createCaregiver: { id: string } }>(
      origin,
      `mutation { createCaregiver(input: { name: "Caregiver ${index}" }) { id } }`,
    );
    caregiverIds.push(createCaregiver.id);
  }
  const { createEventType } = await ask<{ createEventType: { id: string } }>(
    origin,
    'mutation { createEventType(input: { name: "Visit", amount: 42000 }) { id } }',
  );
  return { caregiverIds, eventTypeId: createEventType.id };
}

/** The people of a seeded database: it numbers them from 1. */
export function seededPeople(caregivers: number): People {
  return {
    caregiverIds: Array.from({ length: caregivers }, (_, index) => String(index + 1)),
    eventTypeId: '1',
  };
}

/** Inputs of registrations, one after the other: caregivers in turn, times within the last ten hours. */
export function createInputs({ caregiverIds, eventTypeId }: People): () => object {
  let count = 0;
  return () => {
    count += 1;
    const caregiverId = caregiverIds[count % caregiverIds.length];
    const occurredAt = new Date(Date.now() - ((count * 7919) % 36_000_000)).toISOString();
    return { caregiverId, eventTypeId, occurredAt };
  };
}

/**
 * The same with ids that the client chooses at random: the harder case, for every one of them belongs somewhere else
 * in the index of ids, while those that the service makes follow one another.
 */
export function createInputsWithIds(people: People): () => object {
  const next = createInputs(people);
  return () => ({ id: randomUUID(), ...next() });
}
