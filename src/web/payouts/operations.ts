import { graphql, type ResultOf, type VariablesOf } from '../api/graphql';

const owedFields = graphql(`
  fragment OwedFields on Report {
    totals { currency unreimbursed { amount events } }
    rows(first: 50, after: $after, owedOnly: true) {
      nodes {
        month
        caregiver { id name unit { name } }
        currency
        unreimbursed { amount events }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

/** A page of what is owed, with what all of it comes to. */
export const owedQuery = graphql(
  `query Owed($filter: ReportFilter, $after: String) {
    report(filter: $filter) { ...OwedFields }
  }`,
  [owedFields],
);

export const owedSubscription = graphql(
  `subscription OwedChanged($filter: ReportFilter, $after: String) {
    reportChanged(filter: $filter) { ...OwedFields }
  }`,
  [owedFields],
);

export type Owed = ResultOf<typeof owedQuery>['report'];
export type OwedFilter = NonNullable<VariablesOf<typeof owedQuery>['filter']>;
export type OwedRow = Owed['rows']['nodes'][number];

/** The months in which anything is owed. */
export const monthsQuery = graphql(`
  query MonthsOwed($filter: ReportFilter) {
    report(filter: $filter) { months { month currency unreimbursed { amount events } } }
  }
`);

/** Whom and which months everything listed is of; no more than is needed to choose it. */
export const allOwedQuery = graphql(`
  query AllOwed($filter: ReportFilter, $after: String) {
    report(filter: $filter) {
      rows(first: 1000, after: $after, owedOnly: true) {
        nodes { month caregiver { id } }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);

const payoutFields = graphql(`
  fragment PayoutFields on Payout {
    id
    createdAt
    createdBy
    totals { currency amount events }
  }
`);

export const reimburseMutation = graphql(
  `mutation Reimburse($input: ReimburseEventsInput!) {
    reimburseEvents(input: $input) { ...PayoutFields }
  }`,
  [payoutFields],
);

export type Payout = ResultOf<typeof reimburseMutation>['reimburseEvents'];

export const payoutsQuery = graphql(
  `query Payouts($after: String) {
    payouts(first: 20, after: $after) {
      nodes { ...PayoutFields }
      pageInfo { hasNextPage endCursor }
    }
  }`,
  [payoutFields],
);

/** Tells that something was registered, deleted or paid. */
export const anythingChanged = graphql(`
  subscription AnythingChanged {
    reportChanged { generatedAt }
  }
`);

export const payoutEventsQuery = graphql(`
  query PayoutEvents($id: ID!, $first: Int, $after: String) {
    payout(id: $id) {
      events(first: $first, after: $after) {
        nodes {
          id
          occurredAt
          month
          amount
          currency
          caregiver { id externalId name }
          eventType { name }
        }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);

export type PaidEvent = NonNullable<ResultOf<typeof payoutEventsQuery>['payout']>['events']['nodes'][number];
