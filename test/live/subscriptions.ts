import { eventFields, pageOf, totalFields } from '../support/fixtures';
import type { Seen } from '../support/live';

export const reportChanged = `subscription ($filter: ReportFilter) {
  reportChanged(filter: $filter) {
    generatedAt
    totals { ${totalFields} }
    rows { nodes { month caregiver { id name } total { events } } }
  }
}`;

export const eventsChanged = `subscription ($filter: EventFilter, $first: Int, $after: String) {
  eventsChanged(filter: $filter, first: $first, after: $after) { ${pageOf(eventFields)} }
}`;

/** How many events a report that was shown counts. */
export function owedAndPaid({ data, errors }: Seen): { owed: number; paid: number } {
  if (!data) throw new Error(`unexpected errors: ${JSON.stringify(errors)}`);
  const [total] = data.reportChanged.totals;
  return { owed: total?.unreimbursed.events ?? 0, paid: total?.reimbursed.events ?? 0 };
}

/** The events of a page that was shown. */
export function shownIds({ data, errors }: Seen): string[] {
  if (!data) throw new Error(`unexpected errors: ${JSON.stringify(errors)}`);
  return data.eventsChanged.nodes.map(({ id }: { id: string }) => id);
}
