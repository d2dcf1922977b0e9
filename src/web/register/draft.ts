import { useState } from 'react';
import { keepIn, keptIn } from './kept';
import type { Named } from './queue';

/** What somebody has chosen and typed and not yet registered. */
export interface Draft {
  caregiver: Named | undefined;
  eventType: Named | undefined;
  /** Narrows the event types. */
  search: string;
  /** What clocks in the service's time zone show, `2026-03-29T02:30`; undefined for the time of the tap. */
  wallClock: string | undefined;
  lateReason: string;
}

/** The caregiver stays for the next one. */
export const emptyDraft = { eventType: undefined, search: '', wallClock: undefined, lateReason: '' };

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
