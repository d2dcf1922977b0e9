import { Arg, Args, Ctx, Query, Resolver } from 'type-graphql';
import { AppError } from '../errors';
import { PageArgs, readPage, toConnection } from '../graphql/connection';
import type { Context } from '../graphql/context';
import { checkReference } from '../values/checks';
import { readRange } from '../values/range';
import { AuditEntryConnection, AuditEntryView, AuditFilter, toAuditEntry } from './audit.types';
import { type AuditQuery, listAuditLog } from './listAuditLog';

@Resolver(() => AuditEntryView)
export class AuditResolver {
  @Query(() => AuditEntryConnection, {
    description:
      'The audit log, the newest entries first: every change beyond registering, and every export.',
  })
  async auditLog(
    @Arg('filter', () => AuditFilter, { nullable: true, description: 'Which entries; all when left out.' })
    filter: AuditFilter | null,
    @Args() { first, after }: PageArgs,
    @Ctx() { service }: Context,
  ): Promise<AuditEntryConnection> {
    const page = readPage(first, after, ['id']);
    const { action, actor, targetKind, targetId, from, to } = filter ?? {};
    if (targetId && !targetKind) {
      throw new AppError(
        'BAD_USER_INPUT',
        'targetId needs targetKind: ids are those of one kind.',
        'targetId',
      );
    }
    const query: AuditQuery = {
      action: action ?? undefined,
      actor: readReference(actor, 'actor'),
      targetKind: targetKind ?? undefined,
      // Events have UUIDs, which are kept in small letters.
      targetId:
        targetKind === 'event'
          ? readReference(targetId, 'targetId')?.toLowerCase()
          : readReference(targetId, 'targetId'),
      range: readRange({ from: from ?? null, to: to ?? null }, service.calendar),
    };
    const found = await service.database.read((snapshot) =>
      listAuditLog(snapshot, query, page.first + 1, page.after?.[0]),
    );
    return toConnection(found, page, toAuditEntry, (entry) => [entry.sequence]);
  }
}

/** What is looked for, as it is kept. */
function readReference(text: string | null | undefined, field: string): string | undefined {
  return text === null || text === undefined ? undefined : checkReference(text, field);
}
