import sql from 'sql-template-tag';
import type { Transaction } from '../../platform/storage/core/transaction';
import { erasedText, lockEvents } from './event.table';

/**
 * Erases what people have typed about a caregiver's events, and the name of whoever deleted one: often their own.
 * @returns how many events had something
 */
export async function eraseTexts(tx: Transaction, caregiverId: number): Promise<number> {
  const which = sql`e.caregiver_id = ${caregiverId} and (
      e.late_reason <> ${erasedText} or e.deleted_by <> ${erasedText} or e.delete_reason <> ${erasedText}
    )`;
  await lockEvents(tx, which);
  const found = await tx.one<{ events: number }>(sql`select count(*) as events from event e where ${which}`);
  const events = found?.events ?? 0;
  if (events === 0) return 0;
  await tx.run(sql`
    update event as e
    set late_reason = case when e.late_reason is null then null else ${erasedText} end,
      deleted_by = case when e.deleted_by is null then null else ${erasedText} end,
      delete_reason = case when e.delete_reason is null then null else ${erasedText} end
    where ${which}`);
  tx.announce('event', [[caregiverId]]);
  return events;
}
