import sql, { raw } from 'sql-template-tag';
import { AppError } from '../../platform/errors';
import type { Service } from '../../platform/service';
import { keyOf } from '../../platform/values/text';

/** How a file refers to caregivers and event types. */
export const referenceKinds = ['any', 'id', 'external-id', 'name'] as const;
export type ReferenceKind = (typeof referenceKinds)[number];

/** Answers the id of what a text refers to. */
export type Resolve = (text: string) => number;

/** A caregiver or event type, by all that a file may call it. */
export interface Reference {
  id: number;
  external_id: string | null;
  name: string;
}

export type ReferenceTable = 'caregiver' | 'event_type';

/** All that a file may refer to. */
export function readReferences(service: Service, table: ReferenceTable): Promise<Reference[]> {
  return service.database.read((snapshot) =>
    snapshot.all<Reference>(sql`select id, external_id, name from ${raw(table)}`),
  );
}

/**
 * Makes a function that finds caregivers or event types by what a file calls them. With `any`, an id, an external id
 * and a name are all taken, and a text that fits more than one of them is refused: paying the wrong person is worse
 * than asking. Texts are compared by what can be seen of them, as stored ones are among each other.
 * @throws AppError by the function made: UNKNOWN_CAREGIVER or UNKNOWN_EVENT_TYPE, BAD_USER_INPUT when ambiguous
 */
export function createResolver(
  table: ReferenceTable,
  references: readonly Reference[],
  kind: ReferenceKind,
): Resolve {
  const candidates = new Map<string, Set<number>>();
  const add = (text: string | null, id: number) => {
    if (text === null) return;
    const key = keyOf(text);
    const ids = candidates.get(key);
    if (ids) ids.add(id);
    else candidates.set(key, new Set([id]));
  };
  for (const { id, external_id, name } of references) {
    if (kind === 'any' || kind === 'id') add(String(id), id);
    if (kind === 'any' || kind === 'external-id') add(external_id, id);
    if (kind === 'any' || kind === 'name') add(name, id);
  }

  const what = table === 'caregiver' ? 'caregiver' : 'event type';
  const code = table === 'caregiver' ? 'UNKNOWN_CAREGIVER' : 'UNKNOWN_EVENT_TYPE';
  return (text) => {
    // Most texts are their own key, and a look is cheaper than making one.
    const ids = candidates.get(text) ?? candidates.get(keyOf(text));
    if (!ids) throw new AppError(code, `There is no ${what} "${text}".`, table);
    if (ids.size > 1) {
      throw new AppError(
        'BAD_USER_INPUT',
        `"${text}" fits ${ids.size} ${what}s (ids ${[...ids].join(', ')}); use the id or the external id, ` +
          'and say which: --refer-by id or --refer-by external-id.',
        table,
      );
    }
    return [...ids][0] as number;
  };
}
