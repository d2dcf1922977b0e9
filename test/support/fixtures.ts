import type { GraphQLFormattedError } from 'graphql';
import sql, { type Sql } from 'sql-template-tag';
import { directoryCommands } from '../../src/directory/commands';
import { actOfOperator } from '../../src/platform/audit/act';
import type { Drift } from '../../src/platform/rollup/compareSlice';
import { verifyRollup } from '../../src/platform/rollup/verifyRollup';
import type { Command } from '../../src/platform/storage/core/writeQueue';
import { rollupsOf } from '../../src/platform/subsystem';
import type { TestService } from './testService';

/** A day on which nothing special happens: winter time, the middle of a month, no leap year. */
export const noon = '2026-03-10T12:00:00.000Z';
export const noonMs = Date.parse(noon);

/** An instant so many milliseconds before or after {@link noon}, as the API writes it. */
export function atNoon(plusMs = 0): string {
  return new Date(noonMs + plusMs).toISOString();
}

let made = 0;

/** A name that no other fixture of this process has. */
export function unique(word: string): string {
  made += 1;
  return `${word} ${made}`;
}

/** An answer's error in short: its code, and the field to blame where there is one. */
export function refusal(code: string, field?: string) {
  return { extensions: { code, ...(field !== undefined && { field }) } };
}

// ---- People, units and tariffs -----------------------------------------------------------------------------------

export async function createUnit(api: TestService, input: object = {}): Promise<string> {
  const { createUnit } = await api.data(
    'mutation ($input: CreateUnitInput!) { createUnit(input: $input) { id } }',
    { input: { name: unique('Unit'), ...input } },
  );
  return createUnit.id;
}

export async function createCaregiver(api: TestService, input: object = {}): Promise<string> {
  const { createCaregiver } = await api.data(
    'mutation ($input: CreateCaregiverInput!) { createCaregiver(input: $input) { id } }',
    { input: { name: unique('Caregiver'), ...input } },
  );
  return createCaregiver.id;
}

/** Many caregivers in one go, through the command behind the mutation. */
export async function createCaregivers(api: TestService, count: number, unitId?: string): Promise<string[]> {
  const inputs = Array.from({ length: count }, () => ({
    name: unique('Caregiver'),
    externalId: null,
    unitId: unitId ?? null,
    act: actOfOperator(api.service),
  }));
  const outcomes = await api.service.database.write(directoryCommands.createCaregiver, inputs);
  return outcomes.map((outcome) => {
    if ('error' in outcome) throw outcome.error;
    return String(outcome.value.id);
  });
}

export async function createEventType(api: TestService, input: object = {}): Promise<string> {
  const { createEventType } = await api.data(
    'mutation ($input: CreateEventTypeInput!) { createEventType(input: $input) { id } }',
    { input: { name: unique('Event type'), amount: 100, ...input } },
  );
  return createEventType.id;
}

export async function updateEventType(api: TestService, id: string, input: object): Promise<void> {
  await api.data(
    'mutation ($id: ID!, $input: UpdateEventTypeInput!) { updateEventType(id: $id, input: $input) { id } }',
    { id, input },
  );
}

// ---- Events ------------------------------------------------------------------------------------------------------

export interface EventInput {
  id?: string | null;
  caregiverId: string;
  eventTypeId: string;
  occurredAt: string;
  lateReason?: string | null;
}

/** An event as the API answers it with {@link eventFields}. */
export interface AnsweredEvent {
  id: string;
  caregiver: { id: string };
  eventType: { id: string };
  occurredAt: string;
  month: string;
  amount: number;
  currency: string;
  reimbursed: boolean;
  registeredAt: string;
  lateReason: string | null;
  deletedAt: string | null;
  deletedBy: string | null;
  deleteReason: string | null;
  payout: { id: string } | null;
}

export const eventFields = `id caregiver { id } eventType { id } occurredAt month amount currency reimbursed
  registeredAt lateReason deletedAt deletedBy deleteReason payout { id }`;

export const registerEvent = `mutation ($input: RegisterEventInput!) {
  registerEvent(input: $input) { replayed event { ${eventFields} } }
}`;

export const registerEvents = `mutation ($inputs: [RegisterEventInput!]!) {
  registerEvents(inputs: $inputs) { index replayed event { ${eventFields} } error { code field message } }
}`;

/** Registers an event that must be accepted. */
export async function register(
  api: TestService,
  input: EventInput,
): Promise<{ event: AnsweredEvent; replayed: boolean }> {
  return (await api.data(registerEvent, { input })).registerEvent;
}

/** Registers an event that must be refused. */
export function registerRefused(api: TestService, input: object): Promise<GraphQLFormattedError> {
  return api.failure(registerEvent, { input });
}

export interface Outcome {
  index: number;
  replayed: boolean;
  event: AnsweredEvent | null;
  error: { code: string; field: string | null; message: string } | null;
}

/** Registers a batch; answers what became of each input. */
export async function registerBatch(api: TestService, inputs: readonly object[]): Promise<Outcome[]> {
  return (await api.data(registerEvents, { inputs })).registerEvents;
}

/** Registers events of any age, all of which must be accepted. */
export async function registerPast(
  api: TestService,
  inputs: readonly EventInput[],
): Promise<AnsweredEvent[]> {
  const outcomes = await registerBatch(
    api,
    inputs.map((input) => ({ lateReason: 'entered later', ...input })),
  );
  return outcomes.map(({ event, error }) => {
    if (!event) throw new Error(`refused: ${JSON.stringify(error)}`);
    return event;
  });
}

export const deleteEvent = `mutation ($id: ID!, $reason: String) {
  deleteEvent(id: $id, reason: $reason) { ${eventFields} }
}`;

/** Deletes an event that can be deleted. */
export async function remove(api: TestService, id: string, reason?: string | null): Promise<AnsweredEvent> {
  return (await api.data(deleteEvent, { id, reason })).deleteEvent;
}

export async function findEvent(api: TestService, id: string): Promise<AnsweredEvent | null> {
  return (await api.data(`query ($id: ID!) { event(id: $id) { ${eventFields} } }`, { id })).event;
}

// ---- Payouts -----------------------------------------------------------------------------------------------------

export const reimburseEvents = `mutation ($input: ReimburseEventsInput!) {
  reimburseEvents(input: $input) {
    id createdAt createdBy totals { currency amount events } events(first: 1000) { nodes { id } }
  }
}`;

export interface AnsweredPayout {
  id: string;
  createdAt: string;
  createdBy: string;
  totals: { currency: string; amount: number; events: number }[];
  events: { nodes: { id: string }[] };
}

/** Makes a payout that must be possible. */
export async function pay(api: TestService, input: object): Promise<AnsweredPayout> {
  return (await api.data(reimburseEvents, { input })).reimburseEvents;
}

// ---- Reports -----------------------------------------------------------------------------------------------------

const tallies = 'reimbursed { amount events } unreimbursed { amount events } total { amount events }';

export const rowFields = `month caregiver { id } currency ${tallies}`;
export const totalFields = `currency ${tallies}`;
const pageInfo = 'pageInfo { hasNextPage hasPreviousPage startCursor endCursor }';

export const report = `query ($filter: ReportFilter, $first: Int = 1000, $after: String) {
  report(filter: $filter) {
    totals { ${totalFields} }
    months { month ${totalFields} }
    rows(first: $first, after: $after) { nodes { ${rowFields} } ${pageInfo} }
  }
}`;

export interface Tally {
  amount: number;
  events: number;
}
export interface Total {
  currency: string;
  reimbursed: Tally;
  unreimbursed: Tally;
  total: Tally;
}
export type MonthTotal = Total & { month: string };
export type Row = MonthTotal & { caregiver: { id: string } };

/** A report's totals, months and all of its rows, page after page where they are more than a thousand. */
export async function readReport(
  api: TestService,
  filter?: object,
): Promise<{ totals: Total[]; months: MonthTotal[]; rows: Row[] }> {
  const first = (await api.data(report, { filter })).report;
  const rows: Row[] = first.rows.nodes;
  for (let { pageInfo } = first.rows; pageInfo.hasNextPage; ) {
    const next = (await api.data(report, { filter, after: pageInfo.endCursor })).report;
    rows.push(...next.rows.nodes);
    pageInfo = next.rows.pageInfo;
  }
  return { totals: first.totals, months: first.months, rows };
}

/** What is paid and what is owed, where everything has one currency. */
export async function readTally(api: TestService, filter: object) {
  const { report } = await api.data(
    `query ($filter: ReportFilter) { report(filter: $filter) { totals { ${totalFields} } } }`,
    { filter },
  );
  const nothing = { amount: 0, events: 0 };
  if (report.totals.length > 1) throw new Error(`several currencies: ${JSON.stringify(report.totals)}`);
  const { reimbursed = nothing, unreimbursed = nothing } = report.totals[0] ?? {};
  return { paid: reimbursed as Tally, owed: unreimbursed as Tally };
}

// ---- Behind the API ----------------------------------------------------------------------------------------------

export interface MonthlyRollupRow {
  caregiver_id: number;
  month: number;
  currency: string;
  reimbursed_amount: number;
  reimbursed_events: number;
  unreimbursed_amount: number;
  unreimbursed_events: number;
}

/** The main rollup as it lies in the database, in the order of its key. */
export function monthlyRollupRows(api: TestService, caregiverId?: string): Promise<MonthlyRollupRow[]> {
  const whose = caregiverId === undefined ? sql`true` : sql`caregiver_id = ${Number(caregiverId)}`;
  return select(api, sql`select * from monthly_rollup where ${whose} order by caregiver_id, month, currency`);
}

/** Every row of every rollup that does not say what the events say. */
export async function findDrift(api: TestService): Promise<Drift[]> {
  const drifts = [];
  for (const rollup of rollupsOf(api.service.subsystems))
    drifts.push(...(await verifyRollup(api.service.database, rollup)));
  return drifts;
}

/** A command of the test's own: runs a statement in the service's write queue, behind the back of all rules. */
const runStatement: Command<Sql, undefined> = {
  name: 'runStatement',
  async handle(tx, statements) {
    for (const statement of statements) await tx.run(statement);
    return statements.map(() => ({ value: undefined }));
  },
};

/** Changes the database as no use case does: adds tables of the test's own, or damages those of the service. */
export async function tamper(api: TestService, ...statements: Sql[]): Promise<void> {
  await api.service.database.write(runStatement, statements);
}

/** All rows that a statement answers, from what is committed. */
export function select<Found>(api: TestService, statement: Sql): Promise<Found[]> {
  return api.service.database.read((snapshot) => snapshot.all<Found>(statement));
}

// ---- Lists -------------------------------------------------------------------------------------------------------

interface Page {
  nodes: unknown[];
  edges: { cursor: string; node: unknown }[];
  pageInfo: {
    hasNextPage: boolean;
    hasPreviousPage: boolean;
    startCursor: string | null;
    endCursor: string | null;
  };
}

/** What every list answers, for the nodes' own fields. */
export function pageOf(fields: string): string {
  return `nodes { ${fields} } edges { cursor node { ${fields} } } ${pageInfo}`;
}

/**
 * Walks through a list page by page and holds every page to what Relay asks for.
 * @param readPage reads one page, with {@link pageOf}
 * @returns all nodes in the order in which they came
 */
export async function walk<Node = { id: string }>(
  first: number,
  readPage: (first: number, after: string | null) => Promise<Page>,
): Promise<Node[]> {
  const nodes: unknown[] = [];
  for (let after: string | null = null, more = true; more; ) {
    const page: Page = await readPage(first, after);
    expect(page.edges.map((edge) => edge.node)).toEqual(page.nodes);
    expect(page.pageInfo).toEqual({
      hasNextPage: page.pageInfo.hasNextPage,
      hasPreviousPage: after !== null,
      startCursor: page.edges[0]?.cursor ?? null,
      endCursor: page.edges.at(-1)?.cursor ?? null,
    });
    if (page.pageInfo.hasNextPage) expect(page.nodes).toHaveLength(first);
    else expect(page.nodes.length).toBeLessThanOrEqual(first);
    nodes.push(...page.nodes);
    more = page.pageInfo.hasNextPage;
    after = page.pageInfo.endCursor;
  }
  return nodes as Node[];
}
