import { AccessRows } from '../platform/access/roles';

/** Who may do what with units, caregivers and tokens. */
export const access = new AccessRows(
  // biome-ignore format: a table is read by its columns
  {
    //                                ANONYMOUS CAREGIVER MANAGER  ANALYST  ACCOUNTANT  ADMIN
    'Query.caregiver':                ['none',   'own',    'unit',  'all',   'all',      'all'],
    'Query.caregivers':               ['none',   'own',    'unit',  'all',   'all',      'all'],
    'Query.unit':                     ['none',   'own',    'unit',  'all',   'all',      'all'],
    'Query.units':                    ['none',   'own',    'unit',  'all',   'all',      'all'],
  },
  // biome-ignore format: a table is read by its columns
  {
    //                                ANONYMOUS CAREGIVER MANAGER  ANALYST  ACCOUNTANT  ADMIN
    'Query.viewer':                   ['none',   'all',    'all',   'all',   'all',      'all'],
    'Mutation.createCaregiver':       ['none',   'none',   'none',  'none',  'none',     'all'],
    'Mutation.updateCaregiver':       ['none',   'none',   'none',  'none',  'none',     'all'],
    'Mutation.createUnit':            ['none',   'none',   'none',  'none',  'none',     'all'],
    'Mutation.createToken':           ['none',   'none',   'none',  'none',  'none',     'all'],
    'Mutation.revokeToken':           ['none',   'none',   'none',  'none',  'none',     'all'],
    'Query.revokedTokens':            ['none',   'none',   'none',  'none',  'none',     'all'],
    'GET /admin':                     ['all',    'all',    'all',   'all',   'all',      'all'],
  },
);
