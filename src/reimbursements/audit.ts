import { AuditWords } from '../platform/audit/auditWords';

/** What the audit log says of event types, events, payouts and reports. */
export const audit = new AuditWords(
  {
    createEventType: 'An event type was created.',
    updateEventType: 'An event type was changed.',
    deleteEventType: 'An event type was deleted.',
    deleteEvent: 'An event was deleted.',
    reimburseEvents: 'Events were paid, in one payout.',
    exportReport: 'A report was exported.',
    exportEvents: 'Events were exported.',
  },
  {
    eventType: 'An event type.',
    event: 'An event.',
    payout: 'A payout.',
    report: 'The report.',
    events: 'The list of events.',
  },
);
