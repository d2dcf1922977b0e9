import type { Table } from '../platform/storage/core/table';

export const unitTable: Table = {
  table: 'unit',
  columns: { id: 'integer', external_id: 'text', external_id_key: 'text', name: 'text' },
  key: ['id'],
  extra: 'refuse',
  unique: ['external_id', 'external_id_key'],
};

export const caregiverTable: Table = {
  table: 'caregiver',
  columns: {
    id: 'integer',
    external_id: 'text',
    external_id_key: 'text',
    name: 'text',
    name_folded: 'text',
    unit_id: 'integer',
  },
  key: ['id'],
  extra: 'refuse',
  unique: ['external_id', 'external_id_key'],
  references: { unit_id: 'unit.id' },
};
