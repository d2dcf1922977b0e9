import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The audit log, to which is only added: triggers refuse everything else. What is about a person stands beside it, in a table
 * that can be erased from; of that the log itself holds a digest.
 */
export class CreateAuditLog1795680000000 implements MigrationInterface {
  readonly name = 'CreateAuditLog1795680000000';

  async up(runner: QueryRunner): Promise<void> {
    const isPostgres = runner.dataSource.options.type === 'postgres';
    for (const statement of isPostgres ? postgresStatements : sqliteStatements) await runner.query(statement);
  }

  async down(): Promise<void> {
    throw new Error('The audit log is not deleted. Restore a backup of before instead.');
  }
}

const columns = (integer: string, text: string) => `
    sequence ${integer} primary key,
    at_ms ${integer} not null,
    actor ${text} not null,
    role ${text} not null,
    token_id ${text},
    request_id ${text},
    action ${text} not null,
    target_kind ${text} not null,
    target_id ${text},
    state_before ${text},
    state_after ${text},
    reason ${text},
    personal_digest ${text},
    hash ${text} not null`;

const personalColumns = (integer: string, text: string) => `
    sequence ${integer} primary key,
    caregiver_id ${integer} not null,
    salt ${text} not null,
    content ${text} not null`;

/** For each way to search the log; the newest entries first. */
const indexes = [
  'create index audit_log_action on audit_log (action, sequence)',
  'create index audit_log_actor on audit_log (actor, sequence)',
  'create index audit_log_target on audit_log (target_kind, target_id, sequence)',
  'create index audit_personal_caregiver on audit_personal (caregiver_id)',
];

const refusal = (change: string, when: string) => `
  create trigger audit_log_no_${change} before ${change} on audit_log when ${when}
    begin select raise(abort, 'the audit log is only added to'); end`;

const sqliteStatements = [
  `create table audit_log (${columns('integer', 'text')}\n  ) strict`,
  `create table audit_personal (${personalColumns('integer', 'text')}\n  ) strict`,
  ...indexes,
  ...['update', 'delete'].map((change) => refusal(change, 'true')),
  // "insert or replace" takes a row away without asking the triggers of deletion.
  refusal('insert', 'exists (select 1 from audit_log where sequence = new.sequence)'),
];

const textType = 'text collate "C"';

const postgresStatements = [
  `create table audit_log (${columns('bigint', textType)}\n  )`,
  `create table audit_personal (${personalColumns('bigint', textType)}\n  )`,
  ...indexes,
  `create function refuse_audit_log_change() returns trigger language plpgsql as
    $$ begin raise exception 'the audit log is only added to'; end $$`,
  `create trigger audit_log_only_added_to before update or delete or truncate on audit_log
    for each statement execute function refuse_audit_log_change()`,
];
