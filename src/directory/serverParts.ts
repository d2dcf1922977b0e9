import type { ServerParts } from '../platform/subsystem';
import { CaregiverResolver, UnitResolver } from './caregivers/caregiver.resolver';
import { AccessResolver } from './tokens/access.resolver';

export const serverParts: ServerParts = { resolvers: [AccessResolver, CaregiverResolver, UnitResolver] };
