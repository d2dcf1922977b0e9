import sql, { join, raw } from 'sql-template-tag';
import type { Snapshot } from '../storage/core/transaction';
import type { Range } from '../values/range';
import { type AuditRow, auditColumns } from './auditChain';
import type { PersonalState } from './auditEntry';

/** Which entries to list; what is undefined does not narrow. */
export interface AuditQuery {
  action?: string | undefined;
  actor?: string | undefined;
  targetKind?: string | undefined;
  targetId?: string | undefined;
  range: Range;
}

/** An entry, with what is about a person; null where that was erased, or there never was any. */
export type ListedEntry = AuditRow & { personal: Omit<PersonalState, 'caregiverId'> | null };

const columns = raw([...Object.keys(auditColumns).map((name) => `a.${name}`), 'p.content'].join(', '));

/** A page of the audit log, the newest entries first. */
export async function listAuditLog(
  snapshot: Snapshot,
  { action, actor, targetKind, targetId, range }: AuditQuery,
  first: number,
  before: number | undefined,
): Promise<ListedEntry[]> {
  const conditions = [
    sql`a.sequence < ${before ?? Number.MAX_SAFE_INTEGER}`,
    ...(action === undefined ? [] : [sql`a.action = ${action}`]),
    ...(actor === undefined ? [] : [sql`a.actor = ${actor}`]),
    ...(targetKind === undefined ? [] : [sql`a.target_kind = ${targetKind}`]),
    ...(targetId === undefined ? [] : [sql`a.target_id = ${targetId}`]),
    ...(range.fromMs === null ? [] : [sql`a.at_ms >= ${range.fromMs}`]),
    ...(range.toMs === null ? [] : [sql`a.at_ms < ${range.toMs}`]),
  ];
  const rows = await snapshot.all<AuditRow & { content: string | null }>(sql`
    select ${columns}
    from audit_log a left join audit_personal p on p.sequence = a.sequence
    where ${join(conditions, ' and ')}
    order by a.sequence desc
    limit ${first}`);
  return rows.map(({ content, ...row }) => ({
    ...row,
    personal: content === null ? null : JSON.parse(content),
  }));
}
