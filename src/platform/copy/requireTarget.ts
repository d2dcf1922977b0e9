import sql, { raw } from 'sql-template-tag';
import { OperatorError } from '../errors';
import type { Table } from '../storage/core/table';
import type { Snapshot } from '../storage/core/transaction';
import { listPostgresTables } from '../storage/postgres/postgresTables';
import { readCopyNote } from './copyNote';
import { tablesNotCopied } from './tablesNotCopied';

/** The two databases, for messages, and the id of the source. */
export interface CopyEnds {
  sourceName: string;
  sourceId: string;
  targetName: string;
}

/**
 * Makes sure that copying destroys nothing: the target is empty, but for tables, or an earlier run of the same copy began it.
 * @throws OperatorError when it is anything else; nothing was changed in it
 */
export async function requireTarget(
  snapshot: Snapshot,
  ends: CopyEnds,
  copied: readonly Table[],
): Promise<void> {
  const { sourceName, sourceId, targetName } = ends;
  const tables = await listPostgresTables(snapshot);
  const has = (table: string) => tables.some(({ name, own }) => own && name === table);
  const refuse = (why: string) =>
    new OperatorError(`${why} Copy into an empty database, as createdb makes it. Nothing was changed.`);

  const note = has('setting') ? await readCopyNote(snapshot) : undefined;
  if (note) {
    if (note.source !== sourceId) {
      throw refuse(`The database ${targetName} is a copy of another database than ${sourceName}.`);
    }
    if (note.state === 'in use') {
      throw refuse(
        `The database ${targetName} was copied from ${sourceName}, and has been written by others since.`,
      );
    }
    return;
  }
  const known = new Set([...copied.map(({ table }) => table), ...Object.keys(tablesNotCopied)]);
  const foreign = tables.find(({ name, own }) => !own || !known.has(name));
  if (foreign) {
    throw refuse(
      `The database ${targetName} holds a table ${foreign.name}, which is not one of Caretally's.`,
    );
  }
  for (const { table, madeAtStart } of copied) {
    if (madeAtStart || !has(table)) continue;
    const any = await snapshot.one(sql`select 1 from ${raw(table)} limit 1`);
    if (any) {
      throw refuse(
        `The database ${targetName} holds data already (in the table ${table}), which did not come from ${sourceName}.`,
      );
    }
  }
}
