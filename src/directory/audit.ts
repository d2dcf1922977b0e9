import { AuditWords } from '../platform/audit/auditWords';

/** What the audit log says of units and caregivers. */
export const audit = new AuditWords(
  {
    createCaregiver: 'A caregiver was created.',
    updateCaregiver: 'A caregiver was changed.',
    pseudonymiseCaregiver: 'Who a caregiver is was taken away, by a command.',
    createUnit: 'A unit was created.',
  },
  { caregiver: 'A caregiver.', unit: 'A unit.' },
);
