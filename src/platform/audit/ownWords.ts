import { AuditWords } from './auditWords';

/** What the platform itself tells the audit log. */
export const platformAudit = new AuditWords(
  {
    createToken: 'A token was made.',
    revokeToken: 'A token was revoked.',
    replaceCalendar: 'The borders of the months were replaced, by a command.',
    rebuildRollup: 'Rows of a rollup were corrected from their facts, by a command.',
    backup: 'A copy of the database was made.',
    copy: 'The database was copied to another one.',
  },
  {
    token: 'A token.',
    calendar: 'The borders of the calendar months.',
    rollup: 'Sums that reports are read from.',
    database: 'The whole database.',
  },
);
