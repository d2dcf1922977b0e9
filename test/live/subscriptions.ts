import { eventFields, pageOf, totalFields } from '../support/fixtures';
import { connect, type Seen, type Subscription } from '../support/live';
import type { TestService } from '../support/testService';

export const reportChanged = `subscription ($filter: ReportFilter) {
  reportChanged(filter: $filter) {
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

/** Does something that changes some report, and holds that these subscriptions are not told of it. */
export async function staysSilent(
  api: TestService,
  subscriptions: readonly Subscription[],
  change: () => Promise<unknown>,
): Promise<void> {
  const everything = (await connect(api)).subscribe(reportChanged);
  await everything.next();
  const before = subscriptions.map((subscription) => subscription.waiting());
  await change();
  await everything.next();
  // What was on its way then has arrived after this; a slow machine might let a failure pass, and makes none.
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(subscriptions.map((subscription) => subscription.waiting())).toEqual(before);
}

export async function updateCaregiver(api: TestService, id: string, input: object): Promise<void> {
  await api.data(
    'mutation ($id: ID!, $input: UpdateCaregiverInput!) { updateCaregiver(id: $id, input: $input) { id } }',
    { id, input },
  );
}
