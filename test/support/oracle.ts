import type { MonthTotal, Row, Total } from './fixtures';

/**
 * What the service must answer, worked out from a plain list of events: no database, no rollup, and months counted
 * with Intl alone, by none of the service's own code.
 */
export interface KnownEvent {
  id: string;
  caregiverId: string;
  eventTypeId: string;
  occurredAtMs: number;
  lateReason: string | null;
  /** `2026-03`, in the service's time zone. */
  month: string;
  amount: number;
  currency: string;
  payoutId: string | null;
  deleted: boolean;
}

/** How a time zone's calendar names the month of an instant: `2026-03`. */
export function monthsIn(timeZone: string): (instantMs: number) => string {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, year: 'numeric', month: '2-digit' });
  return (instantMs) => format.format(instantMs);
}

/** Whose events, and when: the range is half-open. What is undefined does not narrow. */
export interface Choice {
  caregiverIds?: readonly string[] | undefined;
  fromMs?: number | undefined;
  toMs?: number | undefined;
}

export function chosen(events: Iterable<KnownEvent>, { caregiverIds, fromMs, toMs }: Choice): KnownEvent[] {
  const ids = caregiverIds && new Set(caregiverIds);
  return [...events].filter(
    (event) =>
      (!ids || ids.has(event.caregiverId)) &&
      (fromMs === undefined || event.occurredAtMs >= fromMs) &&
      (toMs === undefined || event.occurredAtMs < toMs),
  );
}

/** The report over these events, deleted ones left out. */
export function expectedReport(events: readonly KnownEvent[]) {
  const counting = events.filter((event) => !event.deleted);
  return {
    totals: sumUp(counting, (event) => [event.currency]).map(([, total]): Total => total),
    months: sumUp(counting, (event) => [event.month, event.currency]).map(
      ([event, total]): MonthTotal => ({ month: event.month, ...total }),
    ),
    rows: sumUp(counting, (event) => [event.month, event.caregiverId.padStart(16, '0'), event.currency]).map(
      ([event, total]): Row => ({
        month: event.month,
        caregiver: { id: event.caregiverId },
        ...total,
      }),
    ),
  };
}

/** One sum for each key, in the order of the keys, with one of the events that it sums up. */
function sumUp(events: readonly KnownEvent[], keyOf: (event: KnownEvent) => string[]): [KnownEvent, Total][] {
  const sums = new Map<string, [KnownEvent, Total]>();
  for (const event of events) {
    const key = keyOf(event).join(' ');
    const sum = sums.get(key) ?? [event, emptyTotal(event.currency)];
    sums.set(key, sum);
    const [, total] = sum;
    for (const tally of [event.payoutId === null ? total.unreimbursed : total.reimbursed, total.total]) {
      tally.amount += event.amount;
      tally.events += 1;
    }
  }
  return [...sums.entries()].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, sum]) => sum);
}

function emptyTotal(currency: string): Total {
  const nothing = () => ({ amount: 0, events: 0 });
  return { currency, reimbursed: nothing(), unreimbursed: nothing(), total: nothing() };
}

/** Events in the order in which the API lists them: by caregiver, time and id. */
export function inOrder<Listed extends Pick<KnownEvent, 'id' | 'caregiverId' | 'occurredAtMs'>>(
  events: readonly Listed[],
): Listed[] {
  return [...events].sort(
    (left, right) =>
      Number(left.caregiverId) - Number(right.caregiverId) ||
      left.occurredAtMs - right.occurredAtMs ||
      (left.id < right.id ? -1 : 1),
  );
}
