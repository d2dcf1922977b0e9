import { AuditWords } from '../platform/audit/auditWords';

/** What the audit log says of units and caregivers. */
export const audit = new AuditWords(
  {
    createCaregiver: 'A caregiver was created.',
    updateCaregiver: 'A caregiver was changed.',
    pseudonymiseCaregiver: 'A caregiver was pseudonymised, by a command.',
    createUnit: 'A unit was created.',
  },
  { caregiver: 'A caregiver.', unit: 'A unit.' },
);
