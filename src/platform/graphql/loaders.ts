import DataLoader from 'dataloader';
import type { EntityTarget, ObjectLiteral } from 'typeorm';
import { findByIds } from '../storage/core/findById';
import type { Context } from './context';

/** What loaders read by. */
type Reading = Pick<Context, 'service' | 'principal'>;

/**
 * Loads what rows refer to: all references of a page in one statement for each kind, whatever the size of the page.
 * Each request gets a loader of its own on first use, so nothing is cached beyond the request.
 */
export function loaderFor<Key, Row, CacheKey = Key>(
  create: (reading: Reading) => DataLoader<Key, Row, CacheKey>,
): (context: Context) => DataLoader<Key, Row, CacheKey> {
  const made = new WeakMap<Context, DataLoader<Key, Row, CacheKey>>();
  return (context) => {
    let loader = made.get(context);
    if (!loader) {
      loader = create(context);
      made.set(context, loader);
    }
    return loader;
  };
}

/** Loads the rows of an entity that others refer to by its id. */
export function entityLoader<Row extends ObjectLiteral & { id: number }>(entity: EntityTarget<Row>) {
  return loaderFor<number, Row>(
    ({ service }) =>
      new DataLoader(async (ids) => {
        const rows = await service.database.read((snapshot) => findByIds(snapshot, entity, ids));
        const byId = new Map(rows.map((row) => [row.id, row]));
        return ids.map(
          (id) => byId.get(id) ?? new Error(`a row refers to ${String(entity)} ${id}, which is missing`),
        );
      }),
  );
}
