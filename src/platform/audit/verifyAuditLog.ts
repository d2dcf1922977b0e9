import sql, { raw } from 'sql-template-tag';
import type { Database } from '../storage/core/database';
import type { Snapshot } from '../storage/core/transaction';
import {
  type AuditHead,
  type AuditRow,
  auditColumns,
  emptyHead,
  hashOf,
  type PersonalRow,
  personalDigestOf,
  readHead,
} from './auditChain';

/** What is not as it was written. */
export interface AuditProblem {
  /** Of the entry; of several missing ones the first. */
  sequence: number;
  /** The same but where several are missing. */
  to: number;
  /**
   * - missing: there is no such entry;
   * - changed: its content, or that of the one before it, is not what its hash was made of;
   * - personal: what stands beside it about a person is not what its digest was made of;
   * - added: it lies behind the last one that the database remembers.
   */
  what: 'missing' | 'changed' | 'personal' | 'added';
}

export interface AuditCheck {
  entries: number;
  /** The last entry that the database remembers. Whoever kept an earlier one elsewhere finds it in the log. */
  head: AuditHead;
  /** How many entries have lost what was about a person: it was erased. */
  erased: number;
  /** The first ones, in the order of the log. */
  problems: AuditProblem[];
  problemCount: number;
}

/** More are counted and not listed. */
const maxListed = 100;
const sliceRows = 1_000;

type CheckedRow = AuditRow & { [Name in 'salt' | 'content']: PersonalRow[Name] | null };

/**
 * Walks along the audit log, from the first entry to the last, and holds each to its hash, while the service goes on; a
 * slice at a time is in memory.
 * @param progress told after each slice which part, from 0 to 1, is done
 */
export async function verifyAuditLog(
  database: Database,
  progress: (part: number) => void = () => undefined,
): Promise<AuditCheck> {
  // Both in one snapshot; what is written from now on is left for the next time.
  const { head, last } = await database.read(readEnd);
  const check: AuditCheck = { entries: 0, head, erased: 0, problems: [], problemCount: 0 };
  const report = (what: AuditProblem['what'], sequence: number, to: number = sequence) => {
    check.problemCount += 1;
    if (check.problems.length < maxListed) check.problems.push({ sequence, to, what });
  };
  let before: Before = { sequence: 0, hashes: [emptyHead.hash] };
  for (let isLast = false; !isLast; ) {
    const rows = await database.read((snapshot) => readSlice(snapshot, before.sequence, last));
    for (const row of rows) {
      before = checkRow(row, before, head, report);
      if (row.personal_digest !== null && row.content === null) check.erased += 1;
    }
    check.entries += rows.length;
    isLast = rows.length < sliceRows;
    progress(last === 0 ? 1 : Math.min(before.sequence / last, 1));
  }
  if (before.sequence < head.sequence) report('missing', before.sequence + 1, head.sequence);
  return check;
}

async function readEnd(snapshot: Snapshot): Promise<{ head: AuditHead; last: number }> {
  const head = await readHead(snapshot);
  const found = await snapshot.one<{ last: number | null }>(sql`select max(sequence) as last from audit_log`);
  return { head, last: found?.last ?? 0 };
}

const columns = raw(
  [...Object.keys(auditColumns).map((name) => `a.${name}`), 'p.salt', 'p.content'].join(', '),
);

function readSlice(snapshot: Snapshot, after: number, last: number): Promise<CheckedRow[]> {
  return snapshot.all(sql`
    select ${columns}
    from audit_log a left join audit_personal p on p.sequence = a.sequence
    where a.sequence > ${after} and a.sequence <= ${last}
    order by a.sequence
    limit ${sliceRows}`);
}

/** An entry, with the hashes that the next one may have been made of. */
interface Before {
  sequence: number;
  hashes: readonly string[];
}

function checkRow(
  row: CheckedRow,
  before: Before,
  head: AuditHead,
  report: (what: AuditProblem['what'], sequence: number, to?: number) => void,
): Before {
  const { sequence, hash } = row;
  const isNext = sequence === before.sequence + 1;
  if (!isNext) report('missing', before.sequence + 1, sequence - 1);
  // Behind a gap nobody knows what the entry was made of.
  const possible = isNext ? before.hashes.map((previous) => hashOf(row, previous)) : [hash];
  const isRemembered = sequence !== head.sequence || hash === head.hash;
  if (!possible.includes(hash) || !isRemembered) report('changed', sequence);
  if (sequence > head.sequence) report('added', sequence);
  if (!isPersonalAsWritten(row)) report('personal', sequence);
  // Where the content was changed the hash still stands, and where the hash was, it can be made again: one change is told once.
  return { sequence, hashes: [...new Set([hash, ...possible])] };
}

function isPersonalAsWritten({ personal_digest, salt, content }: CheckedRow): boolean {
  if (salt === null || content === null) return true;
  return personalDigestOf({ salt, content }) === personal_digest;
}
