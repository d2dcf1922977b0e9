import sql, { raw } from 'sql-template-tag';
import type { CreateCaregiver, CreateUnit } from '../../directory';
import { directoryCommands } from '../../directory';
import { type Audited, actOfOperator } from '../../platform/audit/act';
import type { Service } from '../../platform/service';
import { textListOf } from '../../platform/storage/core/dialect';
import type { Command, Outcome } from '../../platform/storage/core/writeQueue';
import { keyOf } from '../../platform/values/text';
import { reimbursementCommands } from '../commands';
import type { CreateEventType } from '../tariffs/createEventType';

/** Ids as the service gave them, by {@link keyOf} the external id, and how many had to be created. */
export interface Ensured {
  ids: Map<string, number>;
  created: number;
}

type WithExternalId<Wish> = Wish & { externalId: string };

/** Creates the units that do not exist yet, by external id. */
export function ensureUnits(
  service: Service,
  wishes: readonly WithExternalId<CreateUnit>[],
): Promise<Ensured> {
  return ensure(service, 'unit', directoryCommands.createUnit, wishes);
}

/** Creates the caregivers that do not exist yet, by external id. */
export function ensureCaregivers(
  service: Service,
  wishes: readonly WithExternalId<CreateCaregiver>[],
): Promise<Ensured> {
  return ensure(service, 'caregiver', directoryCommands.createCaregiver, wishes);
}

/** Creates the event types that do not exist yet, by external id. Those that do keep their amount. */
export function ensureEventTypes(
  service: Service,
  wishes: readonly WithExternalId<CreateEventType>[],
): Promise<Ensured> {
  return ensure(service, 'event_type', reimbursementCommands(service).createEventType, wishes);
}

const chunkRows = 5_000;

/** @throws AppError the first refusal; what was created before it stays, and the next run goes on from there */
async function ensure<Wish extends { externalId: string | null }>(
  service: Service,
  table: 'unit' | 'caregiver' | 'event_type',
  create: Command<Audited<Wish>, { id: number }>,
  wishes: readonly WithExternalId<Wish>[],
): Promise<Ensured> {
  const act = actOfOperator(service);
  const ensured: Ensured = { ids: new Map(), created: 0 };
  for (let start = 0; start < wishes.length; start += chunkRows) {
    const chunk = wishes.slice(start, start + chunkRows);
    const existing = await service.database.read((snapshot) =>
      snapshot.all<{ id: number; external_id_key: string }>(
        sql`select id, external_id_key from ${raw(table)}
            where external_id_key in ${textListOf(chunk.map((wish) => keyOf(wish.externalId)))}`,
      ),
    );
    for (const row of existing) ensured.ids.set(row.external_id_key, row.id);
    const missing = new Map<string, WithExternalId<Wish>>();
    for (const wish of chunk) {
      const key = keyOf(wish.externalId);
      if (!ensured.ids.has(key) && !missing.has(key)) missing.set(key, wish);
    }
    const outcomes = await service.database.write(
      create,
      [...missing.values()].map((wish) => ({ ...wish, act })),
    );
    for (const [index, key] of [...missing.keys()].entries()) {
      const outcome = outcomes[index] as Outcome<{ id: number }>;
      if ('error' in outcome) throw outcome.error;
      ensured.ids.set(key, outcome.value.id);
      ensured.created += 1;
    }
  }
  return ensured;
}
