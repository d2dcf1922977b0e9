import { keyRegistries } from '../storage/citus/placements';

/** Tables that stay behind, and why. */
export const tablesNotCopied: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    Object.values(keyRegistries).map(({ registry }) => [
      registry,
      'filled by what goes into the table beside it',
    ]),
  ),
  reliance: 'counts changes of this database alone',
  migration: 'says which tables a database has: the target has its own',
};
