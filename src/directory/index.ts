import type { Subsystem } from '../platform/subsystem';
import { access } from './access';
import { audit } from './audit';
import { CaregiverEntity } from './caregivers/caregiver.entity';
import { addPseudonymise } from './cli/pseudonymise';
import { addToken } from './cli/token';
import { caregiverTable, unitTable } from './tables';
import { UnitEntity } from './units/unit.entity';

export type { CreateCaregiver } from './caregivers/createCaregiver';
export { followCaregivers, type IsAmong } from './caregivers/followCaregivers';
export { directoryCommands } from './commands';
export { includes, inScope, narrow } from './scope';
export type { CreateUnit } from './units/createUnit';
export { unitsOf } from './units/unitsOf';

/** Who there is: units, caregivers, and the tokens that sign somebody in. */
export const directory: Subsystem = {
  name: 'directory',
  entities: [UnitEntity, CaregiverEntity],
  tables: [unitTable, caregiverTable],
  access,
  audit,
  addCommands(program, subsystems) {
    addToken(program, subsystems);
    addPseudonymise(program, subsystems);
  },
  loadServerParts: () => (require('./serverParts') as typeof import('./serverParts')).serverParts,
};
