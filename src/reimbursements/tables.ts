import type { Table } from '../platform/storage/core/table';

export const eventTypeTable: Table = {
  table: 'event_type',
  columns: {
    id: 'integer',
    external_id: 'text',
    external_id_key: 'text',
    name: 'text',
    name_key: 'text',
    amount: 'integer',
    currency: 'text',
    archived: 'flag',
    used: 'flag',
  },
  key: ['id'],
  // One that no event refers to can be deleted.
  extra: 'remove',
  unique: ['external_id', 'external_id_key', 'name', 'name_key'],
};

export const payoutTable: Table = {
  table: 'payout',
  columns: { id: 'integer', created_at_ms: 'integer', created_by: 'text' },
  key: ['id'],
  extra: 'refuse',
};

export const eventTable: Table = {
  table: 'event',
  columns: {
    caregiver_id: 'integer',
    occurred_at_ms: 'integer',
    id: 'uuid',
    event_type_id: 'integer',
    amount: 'integer',
    currency: 'text',
    payout_id: 'integer',
    deleted_at_ms: 'integer',
    registered_at_ms: 'integer',
    late_reason: 'text',
    deleted_by: 'text',
    delete_reason: 'text',
  },
  key: ['caregiver_id', 'occurred_at_ms', 'id'],
  unique: ['id'],
  extra: 'refuse',
  slices: { column: 'caregiver_id', time: 'occurred_at_ms' },
  references: { caregiver_id: 'caregiver.id', event_type_id: 'event_type.id', payout_id: 'payout.id' },
};
