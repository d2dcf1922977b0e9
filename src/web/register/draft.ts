import { useState } from 'react';
import type { Service } from '../session/token';
import { keepIn, keptIn } from './kept';
import type { Named, Wish } from './queue';
import { instantOf } from './wallClock';

/** What somebody has chosen and typed and not yet registered. */
export interface Draft {
  caregiver: Named | undefined;
  eventType: Named | undefined;
  /** Narrows the event types. */
  search: string;
  /** What clocks in the service's time zone show, `2026-03-29T02:30`; undefined for the time of the tap. */
  wallClock: string | undefined;
  /** Of a time that clocks show twice: whether the second one is meant. */
  isLater: boolean;
  lateReason: string;
}

/** The caregiver stays for the next one. */
export const emptyDraft = {
  eventType: undefined,
  search: '',
  wallClock: undefined,
  isLater: false,
  lateReason: '',
};

/** Keeps a draft through a reload, in this tab: two tabs may be at different ones. */
export function useDraft(
  owner: string,
  caregiver: Named | undefined,
): [Draft, (change: Partial<Draft>) => void] {
  const key = `caretally:draft:${encodeURIComponent(owner)}`;
  const [draft, setDraft] = useState<Draft>(() => ({
    caregiver,
    ...emptyDraft,
    ...keptIn<Partial<Draft>>(sessionStorage, key),
  }));
  const change = (changes: Partial<Draft>) => {
    const changed = { ...draft, ...changes };
    keepIn(sessionStorage, key, changed);
    setDraft(changed);
  };
  return [draft, change];
}

/** What a draft asks for; undefined while something is missing. */
export function wishOf(draft: Draft, service: Service): Wish | undefined {
  const { caregiver, eventType, wallClock, isLater, lateReason } = draft;
  const instantMs = wallClock === undefined ? Date.now() : instantOf(wallClock, service.timeZone, isLater);
  if (!caregiver || !eventType || instantMs === undefined) return undefined;
  // A reason that was typed before another time was chosen is not meant any more.
  const isMeant = isLate(draft, service) && lateReason.trim() !== '';
  const occurredAt = new Date(instantMs).toISOString();
  return { caregiver, eventType, occurredAt, lateReason: isMeant ? lateReason.trim() : null };
}

/** Whether it comes later than the service takes it without a reason. */
export function isLate({ wallClock, isLater }: Draft, { timeZone, lateEntryLimitHours }: Service): boolean {
  const instantMs = wallClock === undefined ? undefined : instantOf(wallClock, timeZone, isLater);
  return instantMs !== undefined && Date.now() - instantMs > lateEntryLimitHours * 3_600_000;
}
