import { AccessRows } from './roles';

/** Who may do what with what belongs to no subsystem. */
export const platformAccess = new AccessRows(
  {},
  // biome-ignore format: a table is read by its columns
  {
    //                                ANONYMOUS CAREGIVER MANAGER  ANALYST  ACCOUNTANT  ADMIN
    'Query.ping':                     ['all',    'all',    'all',   'all',   'all',      'all'],
    'Query.service':                  ['none',   'all',    'all',   'all',   'all',      'all'],
    'Query.auditLog':                 ['none',   'none',   'none',  'none',  'none',     'all'],
    'GET /metrics':                   ['none',   'none',   'none',  'none',  'none',     'all'],
    // Pages, which hold no data, and whether the service is well.
    'GET /':                          ['all',    'all',    'all',   'all',   'all',      'all'],
    'GET /api':                       ['all',    'all',    'all',   'all',   'all',      'all'],
    'GET /playground':                ['all',    'all',    'all',   'all',   'all',      'all'],
    'GET /worker.js':                 ['all',    'all',    'all',   'all',   'all',      'all'],
    'GET /assets/*':                  ['all',    'all',    'all',   'all',   'all',      'all'],
    'GET /health/live':               ['all',    'all',    'all',   'all',   'all',      'all'],
    'GET /health/ready':              ['all',    'all',    'all',   'all',   'all',      'all'],
    // Here each field of the query goes by its own row.
    'GET /graphql':                   ['all',    'all',    'all',   'all',   'all',      'all'],
    'POST /graphql':                  ['all',    'all',    'all',   'all',   'all',      'all'],
  },
);
