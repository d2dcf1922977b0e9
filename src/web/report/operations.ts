import { graphql, type ResultOf } from '../api/graphql';

const reportFields = graphql(`
  fragment ReportFields on Report {
    generatedAt
    timeZone
    totals {
      currency
      reimbursed { amount events }
      unreimbursed { amount events }
      total { amount events }
    }
    months {
      month
      currency
      reimbursed { amount events }
      unreimbursed { amount events }
      total { amount events }
    }
    rows(first: $first, after: $after) {
      nodes {
        month
        caregiver { id name externalId unit { name } }
        currency
        reimbursed { amount events }
        unreimbursed { amount events }
        total { amount events }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

export const reportQuery = graphql(
  `query Report($filter: ReportFilter, $first: Int, $after: String) {
    report(filter: $filter) { ...ReportFields }
  }`,
  [reportFields],
);

export const reportSubscription = graphql(
  `subscription ReportChanged($filter: ReportFilter, $first: Int, $after: String) {
    reportChanged(filter: $filter) { ...ReportFields }
  }`,
  [reportFields],
);

export type Report = ResultOf<typeof reportQuery>['report'];
export type ReportRow = Report['rows']['nodes'][number];
export type ReportMonth = Report['months'][number];

const eventFields = graphql(`
  fragment EventFields on EventConnection {
    nodes {
      id
      occurredAt
      amount
      currency
      reimbursed
      caregiver { name }
      eventType { name }
    }
    pageInfo { hasNextPage endCursor }
  }
`);

export const eventsQuery = graphql(
  `query EventsOfReport($filter: EventFilter, $first: Int, $after: String) {
    events(filter: $filter, first: $first, after: $after) { ...EventFields }
  }`,
  [eventFields],
);

export const eventsSubscription = graphql(
  `subscription EventsOfReportChanged($filter: EventFilter, $first: Int, $after: String) {
    eventsChanged(filter: $filter, first: $first, after: $after) { ...EventFields }
  }`,
  [eventFields],
);

export type ReportedEvent = ResultOf<typeof eventsQuery>['events']['nodes'][number];

export const caregiversOfUnits = graphql(`
  query CaregiversOfUnits($ids: [ID!], $unitIds: [ID!], $after: String) {
    caregivers(filter: { ids: $ids, unitIds: $unitIds }, first: 1000, after: $after) {
      nodes { id }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

export const allUnits = graphql(`
  query AllUnits {
    units(first: 1000) { nodes { id name } }
  }
`);
