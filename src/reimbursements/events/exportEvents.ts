import sql from 'sql-template-tag';
import type { Column, ExportTable } from '../../platform/export/exportTable';
import { inSql } from '../../platform/storage/core/textInSql';
import { monthOfEvent } from './event.table';
import { type EventCursor, type EventQuery, eventPage } from './listEvents';

/**
 * Events in the order of caregiver, time and id. The columns that `import events` reads have its names and hold ids,
 * so that an export can be imported again.
 */
export function eventTable(query: EventQuery): ExportTable {
  return {
    name: 'events',
    rowName: 'event',
    columns,
    stretches: [{ page: (first, after: EventCursor | undefined) => eventPage(query, first, after) }],
    source: sql`page e`,
    cursor: sql`caregiver_id as "caregiverId", occurred_at_ms as "occurredAtMs", ${inSql.uuid(sql`id`)} as "id"`,
    lastFirst: sql`caregiver_id desc, occurred_at_ms desc, page.id desc`,
  };
}

const columns: readonly Column[] = [
  { name: 'id', kind: 'code', value: inSql.uuid(sql`e.id`) },
  { name: 'caregiver', kind: 'number', value: sql`e.caregiver_id` },
  { name: 'event_type', kind: 'number', value: sql`e.event_type_id` },
  { name: 'occurred_at', kind: 'code', value: inSql.dateTime(sql`e.occurred_at_ms`) },
  { name: 'month', kind: 'code', value: inSql.month(monthOfEvent) },
  { name: 'amount', kind: 'number', value: sql`e.amount` },
  { name: 'currency', kind: 'code', value: sql`e.currency` },
  {
    name: 'reimbursed',
    kind: 'boolean',
    value: sql`case when e.payout_id is null then 'false' else 'true' end`,
  },
  { name: 'payout', kind: 'number', value: sql`e.payout_id` },
  { name: 'registered_at', kind: 'code', value: inSql.dateTime(sql`e.registered_at_ms`) },
  { name: 'late_reason', kind: 'text', value: sql`e.late_reason` },
];
