import { CreateTables1767225600000 } from './1767225600000-createTables';
import { CreateRevokedTokens1795248000000 } from './1795248000000-createRevokedTokens';
import { CreateAuditLog1795680000000 } from './1795680000000-createAuditLog';
import { KeepTextKeys1795766400000 } from './1795766400000-keepTextKeys';
import { CreateReliance1795852800000 } from './1795852800000-createReliance';

/** In the order in which they run. A migration that has been released is never changed. */
export const migrations = [
  CreateTables1767225600000,
  CreateRevokedTokens1795248000000,
  CreateAuditLog1795680000000,
  KeepTextKeys1795766400000,
  CreateReliance1795852800000,
];
