/** What of the directory other subsystems answer in GraphQL; apart from `index.ts`, for commands need none of it. */
export { Caregiver, toCaregiver } from './caregivers/caregiver.types';
export { caregiverLoader } from './loaders';
