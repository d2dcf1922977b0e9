import type { Principal, Role } from '../../src/platform/access/principal';
import {
  createCaregiver,
  createEventType,
  createUnit,
  noonMs,
  pay,
  register,
  registerPast,
} from '../support/fixtures';
import { startTestService, type TestService } from '../support/testService';

export const names = ['anna', 'bo', 'cleo'] as const;
export type Name = (typeof names)[number];

/** What an event of each is worth, so that a sum tells whose events are in it. */
export const worth: Record<Name, number> = { anna: 1, bo: 10, cleo: 100 };

/** The month of the events that tests look at; those that tests make lie in March. */
export const month = '2026-01';

/**
 * Two units, north with Anna and Bo, south with Cleo. Each has two events in January, one of them paid, all three in
 * one payout.
 */
export interface World {
  /** Asked by an administrator. */
  api: TestService;
  people: Record<Role | 'ANONYMOUS', TestService>;
  units: { north: string; south: string };
  caregivers: Record<Name, string>;
  eventTypes: Record<Name, string>;
  paid: Record<Name, string>;
  owed: Record<Name, string>;
  payoutId: string;
}

export async function createWorld(api?: TestService): Promise<World> {
  const admin = api ?? (await startTestService());
  admin.setNow(noonMs);
  const units = { north: await createUnit(admin), south: await createUnit(admin) };
  const caregivers = await forEach(async (name) =>
    createCaregiver(admin, { name, unitId: name === 'cleo' ? units.south : units.north }),
  );
  const eventTypes = await forEach(async (name) => createEventType(admin, { amount: worth[name] }));
  const registerOn = (day: string) =>
    forEach(async (name) => {
      const event = { caregiverId: caregivers[name], eventTypeId: eventTypes[name] };
      const [registered] = await registerPast(admin, [{ ...event, occurredAt: `${month}-${day}T12:00:00Z` }]);
      return registered?.id as string;
    });
  const [paid, owed] = [await registerOn('10'), await registerOn('20')];
  const { id: payoutId } = await pay(admin, { eventIds: Object.values(paid) });
  return {
    api: admin,
    people: {
      ANONYMOUS: await admin.as(),
      CAREGIVER: await admin.as({ role: 'CAREGIVER', name: 'anna', caregiverId: Number(caregivers.anna) }),
      MANAGER: await admin.as({ role: 'MANAGER', name: 'manager', unitId: Number(units.north) }),
      ANALYST: await admin.as({ role: 'ANALYST', name: 'analyst' }),
      ACCOUNTANT: await admin.as({ role: 'ACCOUNTANT', name: 'accountant' }),
      ADMIN: admin,
    },
    units,
    caregivers,
    eventTypes,
    paid,
    owed,
    payoutId,
  };
}

/** An unpaid event of now, by somebody who may register it. */
export async function registerNow({ api, caregivers, eventTypes }: World, name: Name): Promise<string> {
  const input = {
    caregiverId: caregivers[name],
    eventTypeId: eventTypes[name],
    occurredAt: new Date(noonMs).toISOString(),
  };
  return (await register(api, input)).event.id;
}

export async function forEach<Value>(make: (name: Name) => Promise<Value>): Promise<Record<Name, Value>> {
  const made: [Name, Value][] = [];
  for (const name of names) made.push([name, await make(name)]);
  return Object.fromEntries(made) as Record<Name, Value>;
}

/** Whose caregivers a role sees in this world, by what the table says. */
export const seenBy = { none: [], own: ['anna'], unit: ['anna', 'bo'], all: ['anna', 'bo', 'cleo'] } as const;

export type Asker = Principal['role'];
