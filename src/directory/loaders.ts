import { entityLoader } from '../platform/graphql/loaders';
import { CaregiverEntity } from './caregivers/caregiver.entity';
import { UnitEntity } from './units/unit.entity';

export const caregiverLoader = entityLoader(CaregiverEntity);
export const unitLoader = entityLoader(UnitEntity);
