import { AccessRows } from '../platform/access/roles';

// biome-ignore format: a table is read by its columns
const scoped = {
  //                                ANONYMOUS CAREGIVER MANAGER  ANALYST  ACCOUNTANT  ADMIN
  'Query.event':                    ['none',   'own',    'unit',  'all',   'all',      'all'],
  'Query.events':                   ['none',   'own',    'unit',  'all',   'all',      'all'],
  'Query.report':                   ['none',   'own',    'unit',  'all',   'all',      'all'],
  'Subscription.eventsChanged':     ['none',   'own',    'unit',  'all',   'all',      'all'],
  'Subscription.reportChanged':     ['none',   'own',    'unit',  'all',   'all',      'all'],
  'GET /report.csv':                ['none',   'own',    'unit',  'all',   'all',      'all'],
  'Mutation.registerEvent':         ['none',   'own',    'unit',  'none',  'none',     'all'],
  'Mutation.registerEvents':        ['none',   'own',    'unit',  'none',  'none',     'all'],
  'RegisterEventInput.lateReason':  ['none',   'none',   'unit',  'none',  'none',     'all'],
  'Mutation.deleteEvent':           ['none',   'own',    'unit',  'none',  'none',     'all'],
} as const;

export type ScopedOperation = keyof typeof scoped;

/** Who may do what with event types, events, payouts and reports. */
export const access = new AccessRows(
  scoped,
  // biome-ignore format: a table is read by its columns
  {
    //                                ANONYMOUS CAREGIVER MANAGER  ANALYST  ACCOUNTANT  ADMIN
    'Query.eventType':                ['none',   'all',    'all',   'all',   'all',      'all'],
    'Query.eventTypes':               ['none',   'all',    'all',   'all',   'all',      'all'],
    'Query.payout':                   ['none',   'none',   'none',  'none',  'all',      'all'],
    'Query.payouts':                  ['none',   'none',   'none',  'none',  'all',      'all'],
    'Mutation.reimburseEvents':       ['none',   'none',   'none',  'none',  'all',      'all'],
    'Mutation.createEventType':       ['none',   'none',   'none',  'none',  'none',     'all'],
    'Mutation.updateEventType':       ['none',   'none',   'none',  'none',  'none',     'all'],
    'Mutation.deleteEventType':       ['none',   'none',   'none',  'none',  'none',     'all'],
    'GET /report':                    ['all',    'all',    'all',   'all',   'all',      'all'],
    'GET /register':                  ['all',    'all',    'all',   'all',   'all',      'all'],
    'GET /payouts':                   ['all',    'all',    'all',   'all',   'all',      'all'],
  },
);
