/** Somebody's month, which is paid as a whole: in all its currencies. */
export interface CaregiverMonth {
  month: string;
  caregiver: { id: string };
}

/** Whom to pay, by their ids, and for which months. */
export type Choice = ReadonlyMap<string, ReadonlySet<string> | 'all'>;

/** What is paid by one payout: caregivers, and the month or all their months. */
export interface Group {
  month: string | 'all';
  caregiverIds: string[];
}

/** The service takes so many caregivers at a time. */
export const maxCaregivers = 10_000;

export const nothing: Choice = new Map();

export function isChosen(choice: Choice, { month, caregiver }: CaregiverMonth): boolean {
  const months = choice.get(caregiver.id);
  return months === 'all' || months?.has(month) === true;
}

/** With these rows, or without them; who is paid for all months stays so. */
export function choose(choice: Choice, rows: readonly CaregiverMonth[], isOn: boolean): Choice {
  const changed = new Map(choice);
  for (const { month, caregiver } of rows) {
    const months = changed.get(caregiver.id);
    if (months === 'all') continue;
    const others = [...(months ?? [])].filter((other) => other !== month);
    const wanted = isOn ? [...others, month] : others;
    if (wanted.length === 0) changed.delete(caregiver.id);
    else changed.set(caregiver.id, new Set(wanted));
  }
  return changed;
}

/** With all months of somebody, or with none. */
export function chooseWhole(choice: Choice, caregiverId: string, isOn: boolean): Choice {
  const changed = new Map(choice);
  if (isOn) changed.set(caregiverId, 'all');
  else changed.delete(caregiverId);
  return changed;
}

/** How many months of caregivers are chosen, and how many caregivers as a whole. */
export function countOf(choice: Choice): { months: number; whole: number } {
  const count = { months: 0, whole: 0 };
  for (const months of choice.values()) {
    if (months === 'all') count.whole += 1;
    else count.months += months.size;
  }
  return count;
}

/** A payout for each month, in order, and last one for those who are paid for all of theirs. */
export function groupsOf(choice: Choice): Group[] {
  const groups = new Map<string, string[]>();
  for (const [id, months] of choice) {
    for (const month of months === 'all' ? ['all'] : months) {
      const ids = groups.get(month) ?? [];
      ids.push(id);
      groups.set(month, ids);
    }
  }
  return [...groups]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([month, ids]) =>
      Array.from({ length: Math.ceil(ids.length / maxCaregivers) }, (_, index) => ({
        month,
        caregiverIds: ids.slice(index * maxCaregivers, (index + 1) * maxCaregivers),
      })),
    );
}
