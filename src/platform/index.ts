import { platformAccess } from './access/ownRows';
import { platformAudit } from './audit/ownWords';
import { addBackup } from './cli/backup';
import { addCopy } from './cli/copy';
import { addMigrate } from './cli/migrate';
import { addRebuild } from './cli/rebuild';
import { addServe } from './cli/serve';
import { addVerify } from './cli/verify';
import { calendarTable, revokedTokenTable, settingTable } from './ownTables';
import { migrations } from './storage/migrations';
import type { Subsystem } from './subsystem';

export { auditLog } from './audit';

/** What every subsystem stands on: the service and its operation. */
export const platform: Subsystem = {
  name: 'platform',
  // The first ones made the tables of all subsystems that there were; one that has been released is never changed.
  migrations,
  tables: [settingTable, calendarTable, revokedTokenTable],
  access: platformAccess,
  audit: platformAudit,
  addCommands(program, subsystems) {
    addServe(program, subsystems);
    addVerify(program, subsystems);
    addRebuild(program, subsystems);
    addBackup(program);
    addCopy(program, subsystems);
    addMigrate(program, subsystems);
  },
  loadServerParts: () => (require('./serverParts') as typeof import('./serverParts')).serverParts,
};
