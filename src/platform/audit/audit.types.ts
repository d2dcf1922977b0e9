import { Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { connectionOf } from '../graphql/connection';
import { DateTime } from '../graphql/scalars';
import type { ParsedDateTime } from '../values/dateTime';
import type { State } from './auditEntry';
import type { AuditWords } from './auditWords';
import type { ListedEntry } from './listAuditLog';

const actions = enumOf('AuditAction', 'What was done.');
const targets = enumOf('AuditTarget', 'What it was done to.');

/** Gives the enums their values: what the audit log may say of all subsystems. To be called before a schema is built. */
export function nameAuditWords(words: readonly AuditWords<string, string>[]): void {
  for (const each of words) {
    actions.add(each.actions);
    targets.add(each.targets);
  }
}

/** An enum of GraphQL whose names are the values themselves. */
function enumOf(name: string, description: string) {
  const values: Record<string, string> = {};
  const valuesConfig: Record<string, { description: string }> = {};
  registerEnumType(values, { name, description, valuesConfig });
  return {
    values,
    add(descriptions: Readonly<Record<string, string>>): void {
      for (const [value, said] of Object.entries(descriptions)) {
        values[value] = value;
        valuesConfig[value] = { description: said };
      }
    },
  };
}

@ObjectType('AuditEntry', {
  description: 'A change beyond registering, or an export. None is ever changed or deleted.',
})
export class AuditEntryView {
  @Field(() => Int, { description: 'Its number; the numbers have no gaps.' })
  sequence: number;

  @Field(() => DateTime, { description: 'When it was done.' })
  at: number;

  @Field({ description: 'Who did it: the subject of the token, or the user who ran a command.' })
  actor: string;

  @Field({ description: 'The role in which it was done; `OPERATOR` for commands.' })
  role: string;

  @Field(() => ID, { nullable: true, description: 'The id of the token; null for commands.' })
  tokenId: string | null;

  @Field(() => ID, { nullable: true, description: 'The id of the request; null for commands.' })
  requestId: string | null;

  @Field(() => actions.values, { description: 'What was done.' })
  action: string;

  @Field(() => targets.values, { description: 'What it was done to.' })
  targetKind: string;

  @Field(() => ID, {
    nullable: true,
    description: 'The id of the target, where there are several of its kind.',
  })
  targetId: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'The changed values before, as JSON; null where there was nothing.',
  })
  before: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'The changed values after, as JSON; null where nothing is left.',
  })
  after: string | null;

  @Field(() => String, { nullable: true, description: 'The reason, where one was given.' })
  reason: string | null;

  @Field({ description: 'Whether there was something about a person that has been erased since.' })
  erased: boolean;

  @Field({ description: 'SHA-256 of all that it says and of the hash before it, in hexadecimal.' })
  hash: string;
}

@InputType({ description: 'Which entries to list. All conditions given must hold.' })
export class AuditFilter {
  @Field(() => actions.values, { nullable: true, description: 'Only this action.' })
  action?: string | null;

  @Field(() => String, { nullable: true, description: 'Only what this actor did.' })
  actor?: string | null;

  @Field(() => targets.values, { nullable: true, description: 'Only what was done to one of these.' })
  targetKind?: string | null;

  @Field(() => ID, { nullable: true, description: 'Only what was done to this one; with `targetKind`.' })
  targetId?: string | null;

  @Field(() => DateTime, { nullable: true, description: 'From this instant on.' })
  from?: ParsedDateTime | null;

  @Field(() => DateTime, { nullable: true, description: 'Before this instant.' })
  to?: ParsedDateTime | null;
}

@ObjectType({ description: 'A page of the audit log, as in Relay.' })
export class AuditEntryConnection extends connectionOf('AuditEntry', AuditEntryView) {}

export function toAuditEntry(entry: ListedEntry): AuditEntryView {
  const { personal } = entry;
  return {
    sequence: entry.sequence,
    at: entry.at_ms,
    actor: entry.actor,
    role: entry.role,
    tokenId: entry.token_id,
    requestId: entry.request_id,
    action: entry.action,
    targetKind: entry.target_kind,
    targetId: entry.target_id,
    before: merge(entry.state_before, personal?.before),
    after: merge(entry.state_after, personal?.after),
    reason: entry.reason ?? personal?.reason ?? null,
    erased: entry.personal_digest !== null && personal === null,
    hash: entry.hash,
  };
}

/** What stands beside the log about a person is told with the rest. */
function merge(json: string | null, personal: State | undefined): string | null {
  if (!personal) return json;
  return JSON.stringify({ ...personal, ...(json === null ? {} : JSON.parse(json)) });
}
