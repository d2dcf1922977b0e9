import type { AuditCheck, AuditProblem } from '../audit/verifyAuditLog';
import { count } from '../values/count';

const inWords: Record<AuditProblem['what'], string> = {
  missing: 'missing',
  changed:
    'not what its hash was made of: it was changed, or the one before it was, or it stands in another place',
  personal: 'what stands beside it about a person was changed',
  added: 'behind the last one that the database remembers: it was added by somebody else',
};

/** What was found in an audit log, for people: a line for each problem, and one that sums up. */
export function auditInWords({ entries, head, erased, problems, problemCount }: AuditCheck): string[] {
  const last = head.sequence === 0 ? '' : ` The last is ${head.sequence}, ${head.hash}.`;
  if (problemCount === 0) {
    const gone = erased === 0 ? '' : ` (erased from ${erased} of them: what was about a person)`;
    return [`The audit log is whole: ${count(entries, 'entry', 'entries')}${gone}.${last}`];
  }
  return [
    ...problems.map(({ sequence, to, what }) =>
      sequence === to
        ? `audit log, entry ${sequence}: ${inWords[what]}`
        : `audit log, entries ${sequence} to ${to}: ${inWords[what]}`,
    ),
    `The audit log has been tampered with (problems: ${problemCount}).${last} Compare it with a backup.`,
  ];
}

/** The same for programs. */
export function auditSummary({ entries, head, erased, problems, problemCount }: AuditCheck): object {
  return { entries, last: head.sequence === 0 ? null : head, erased, problems, problemCount };
}
