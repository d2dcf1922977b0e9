import type { Table } from '../storage/core/table';
import type { Subsystem } from '../subsystem';
import { auditColumns, personalColumns } from './auditChain';

const auditTable: Table = {
  // With its hashes as they are: the chain is as whole in the copy as it is in the source.
  table: 'audit_log',
  columns: auditColumns,
  key: ['sequence'],
  extra: 'refuse',
  onlyAddedTo: true,
  slices: { column: 'sequence' },
};

const personalTable: Table = {
  table: 'audit_personal',
  columns: personalColumns,
  key: ['sequence'],
  // What is about somebody can be erased.
  extra: 'remove',
  slices: { column: 'sequence' },
  references: { sequence: 'audit_log.sequence', caregiver_id: 'caregiver.id' },
};

/** The tables of the audit log: it refers to people of other subsystems, and so stands behind them in the list. */
export const auditLog: Subsystem = { name: 'audit log', tables: [auditTable, personalTable] };
