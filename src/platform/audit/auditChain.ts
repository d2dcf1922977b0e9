import { createHash, randomBytes } from 'node:crypto';
import sql, { raw } from 'sql-template-tag';
import { type Columns, columnNames, selectRows } from '../storage/core/dialect';
import { readSettings, writeSetting } from '../storage/core/settings';
import type { Snapshot, Transaction } from '../storage/core/transaction';
import { quickCommand } from '../storage/core/writeQueue';
import type { AuditEntry, PersonalState } from './auditEntry';

/** The last entry of the log. It stands in a setting, so that a log which was cut at its end is noticed. */
export interface AuditHead {
  sequence: number;
  hash: string;
}

/** A row of the table `audit_log`. */
export interface AuditRow {
  sequence: number;
  at_ms: number;
  actor: string;
  role: string;
  token_id: string | null;
  request_id: string | null;
  action: string;
  target_kind: string;
  target_id: string | null;
  /** JSON. */
  state_before: string | null;
  state_after: string | null;
  reason: string | null;
  /** Of what stands in `audit_personal`; stays when that is erased. */
  personal_digest: string | null;
  hash: string;
}

/** A row of the table `audit_personal`: its content is JSON of a {@link PersonalState}. */
export interface PersonalRow {
  sequence: number;
  caregiver_id: number;
  /** Without it, the digest of a name could be found out by trying names. It goes with the content. */
  salt: string;
  content: string;
}

/** The columns of an entry, with all that its hash is made of, in this order, before the hash itself. */
export const auditColumns = {
  sequence: 'integer',
  at_ms: 'integer',
  actor: 'text',
  role: 'text',
  token_id: 'text',
  request_id: 'text',
  action: 'text',
  target_kind: 'text',
  target_id: 'text',
  state_before: 'text',
  state_after: 'text',
  reason: 'text',
  personal_digest: 'text',
  hash: 'text',
} as const satisfies Columns;

export const personalColumns = {
  sequence: 'integer',
  caregiver_id: 'integer',
  salt: 'text',
  content: 'text',
} as const satisfies Columns;

/** The setting that holds the {@link AuditHead}. */
export const auditHeadSetting = 'audit_head';

/** Before the first entry. */
export const emptyHead: AuditHead = Object.freeze({ sequence: 0, hash: '' });

/**
 * Leaves an entry for the end of the transaction: it is written with the change or not at all. The entries of several
 * instances follow one another by a lock, which nobody holds while waiting for anything else.
 */
export function record(tx: Transaction, entry: AuditEntry): void {
  tx.atEnd(appendEntries, entry);
}

/** For what changes nothing here, and must be known of: exports, and tokens that were made. */
export const recordEntry = quickCommand<AuditEntry, void>('audit', async (tx, entries) =>
  entries.map((entry) => ({ value: record(tx, entry) })),
);

export async function readHead(snapshot: Snapshot): Promise<AuditHead> {
  const text = (await readSettings(snapshot)).get(auditHeadSetting);
  return text === undefined ? emptyHead : JSON.parse(text);
}

/** What the hash of an entry must be: of all that it says, and of the hash before it. */
export function hashOf(row: Omit<AuditRow, 'hash'>, previousHash: string): string {
  const names = Object.keys(auditColumns) as (keyof typeof auditColumns)[];
  const values = names.filter((name) => name !== 'hash').map((name) => row[name as keyof typeof row]);
  return digest([previousHash, ...values]);
}

/** What the log holds of what is about a person. */
export function personalDigestOf({ salt, content }: Pick<PersonalRow, 'salt' | 'content'>): string {
  return digest([salt, content]);
}

/** JSON of an array says where each value ends, and tells null from the text "null". */
function digest(values: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(values)).digest('hex');
}

async function appendEntries(tx: Transaction, entries: readonly AuditEntry[]): Promise<void> {
  await tx.lock('auditLog', 'exclusive');
  let head = await readHead(tx);
  const rows: AuditRow[] = [];
  const personal: PersonalRow[] = [];
  for (const entry of entries) {
    const sequence = head.sequence + 1;
    const beside = entry.personal && toPersonalRow(sequence, entry.personal);
    if (beside) personal.push(beside);
    const content = toContent(sequence, entry, beside ? personalDigestOf(beside) : null);
    head = { sequence, hash: hashOf(content, head.hash) };
    rows.push({ ...content, hash: head.hash });
  }
  await insert(tx, 'audit_log', auditColumns, rows);
  await insert(tx, 'audit_personal', personalColumns, personal);
  await writeSetting(tx, auditHeadSetting, JSON.stringify(head));
}

function toContent(
  sequence: number,
  { act, action, target: [kind, id], before, after, reason }: AuditEntry,
  personalDigest: string | null,
): Omit<AuditRow, 'hash'> {
  return {
    sequence,
    at_ms: act.atMs,
    actor: act.actor,
    role: act.role,
    token_id: act.tokenId,
    request_id: act.requestId,
    action,
    target_kind: kind,
    target_id: id === null ? null : String(id),
    state_before: before ? JSON.stringify(before) : null,
    state_after: after ? JSON.stringify(after) : null,
    reason: reason ?? null,
    personal_digest: personalDigest,
  };
}

function toPersonalRow(sequence: number, { caregiverId, ...content }: PersonalState): PersonalRow {
  return {
    sequence,
    caregiver_id: caregiverId,
    salt: randomBytes(16).toString('hex'),
    content: JSON.stringify(content),
  };
}

async function insert<Row extends object>(
  tx: Transaction,
  table: 'audit_log' | 'audit_personal',
  columns: Columns,
  rows: readonly Row[],
): Promise<void> {
  if (rows.length === 0) return;
  const values = rows.map((row) => Object.keys(columns).map((name) => row[name as keyof Row]));
  await tx.run(sql`insert into ${raw(table)} (${columnNames(columns)}) ${selectRows(columns, values)}`);
}
