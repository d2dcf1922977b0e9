import { directory } from './directory';
import { auditLog, platform } from './platform';
import type { Subsystem } from './platform/subsystem';
import { reimbursements } from './reimbursements';

/** All of the product. What one of them refers to stands before it. */
export const subsystems: readonly Subsystem[] = [platform, directory, reimbursements, auditLog];
