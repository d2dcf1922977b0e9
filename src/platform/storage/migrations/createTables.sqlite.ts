/**
 * The first tables on SQLite. UUIDs are 16 bytes. Facts and rollups live inside their key ("without rowid"): what one
 * report reads lies side by side.
 */
export const sqliteTables = [
  `create table setting (
    name text primary key,
    value text not null
  ) strict, without rowid`,

  // Filled from values/months.ts, so that SQL and the service count the same months.
  `create table calendar_month (
    month integer primary key,
    from_ms integer not null unique
  ) strict`,

  `create table unit (
    id integer primary key autoincrement,
    external_id text unique,
    name text not null
  ) strict`,
  `create index unit_name on unit (name, id)`,

  `create table caregiver (
    id integer primary key autoincrement,
    external_id text unique,
    name text not null,
    name_folded text not null,
    unit_id integer references unit (id)
  ) strict`,
  `create index caregiver_unit on caregiver (unit_id, id)`,
  `create index caregiver_name on caregiver (name_folded, id)`,

  `create table event_type (
    id integer primary key autoincrement,
    external_id text unique,
    name text not null unique,
    amount integer not null check (amount between 0 and ${Number.MAX_SAFE_INTEGER}),
    currency text not null,
    archived integer not null default 0 check (archived in (0, 1)),
    used integer not null default 0 check (used in (0, 1))
  ) strict`,

  // The key clusters the table by (caregiver, time) and holds all that a partial month sums up.
  // No foreign keys: registering looks caregiver and type up in the same transaction, and neither can be deleted
  // once it is used.
  `create table event (
    caregiver_id integer not null,
    occurred_at_ms integer not null,
    id blob not null check (length(id) = 16),
    event_type_id integer not null,
    amount integer not null,
    currency text not null,
    payout_id integer,
    deleted_at_ms integer,
    registered_at_ms integer not null,
    late_reason text,
    deleted_by text,
    delete_reason text,
    primary key (caregiver_id, occurred_at_ms, id)
  ) strict, without rowid`,
  `create unique index event_id on event (id)`,

  `create table payout (
    id integer primary key autoincrement,
    created_at_ms integer not null,
    created_by text not null
  ) strict`,

  // The named check is what refuses a sum that JSON could not carry exactly.
  `create table monthly_rollup (
    caregiver_id integer not null,
    month integer not null,
    currency text not null,
    reimbursed_amount integer not null,
    reimbursed_events integer not null,
    unreimbursed_amount integer not null,
    unreimbursed_events integer not null,
    primary key (caregiver_id, month, currency),
    constraint amount_fits check (reimbursed_amount + unreimbursed_amount <= ${Number.MAX_SAFE_INTEGER})
  ) strict, without rowid`,
  // Every row of a month for all caregivers, in the order of the report's pages. It holds the key alone: adding to a
  // row's measures leaves it untouched.
  `create index monthly_rollup_month on monthly_rollup (month, caregiver_id, currency)`,

  `create table payout_rollup (
    caregiver_id integer not null,
    payout_id integer not null,
    month integer not null,
    currency text not null,
    amount integer not null,
    events integer not null,
    primary key (caregiver_id, payout_id, month, currency),
    constraint amount_fits check (amount <= ${Number.MAX_SAFE_INTEGER})
  ) strict, without rowid`,
  `create index payout_rollup_payout on payout_rollup (payout_id, caregiver_id, month)`,
];
