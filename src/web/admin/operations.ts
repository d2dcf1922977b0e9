import { graphql, type ResultOf } from '../api/graphql';

export const caregiversQuery = graphql(`
  query AdminCaregivers($filter: CaregiverFilter, $after: String) {
    caregivers(filter: $filter, first: 50, after: $after) {
      nodes { id name externalId unit { id name } }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

export type Caregiver = ResultOf<typeof caregiversQuery>['caregivers']['nodes'][number];

export const createCaregiver = graphql(`
  mutation CreateCaregiver($input: CreateCaregiverInput!) {
    createCaregiver(input: $input) { id name }
  }
`);

export const updateCaregiver = graphql(`
  mutation UpdateCaregiver($id: ID!, $input: UpdateCaregiverInput!) {
    updateCaregiver(id: $id, input: $input) { id name }
  }
`);

export const unitsQuery = graphql(`
  query AdminUnits($after: String) {
    units(first: 50, after: $after) {
      nodes { id name externalId }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

export type Unit = ResultOf<typeof unitsQuery>['units']['nodes'][number];

export const createUnit = graphql(`
  mutation CreateUnit($input: CreateUnitInput!) {
    createUnit(input: $input) { id name }
  }
`);

export const eventTypesQuery = graphql(`
  query AdminEventTypes($filter: EventTypeFilter, $after: String) {
    eventTypes(filter: $filter, first: 50, after: $after) {
      nodes { id name externalId amount currency archived }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

export type EventType = ResultOf<typeof eventTypesQuery>['eventTypes']['nodes'][number];

export const createEventType = graphql(`
  mutation CreateEventType($input: CreateEventTypeInput!) {
    createEventType(input: $input) { id name }
  }
`);

export const updateEventType = graphql(`
  mutation UpdateEventType($id: ID!, $input: UpdateEventTypeInput!) {
    updateEventType(id: $id, input: $input) { id name }
  }
`);

export const deleteEventType = graphql(`
  mutation DeleteEventType($id: ID!) {
    deleteEventType(id: $id) { id name }
  }
`);

export const createToken = graphql(`
  mutation CreateToken($input: CreateTokenInput!) {
    createToken(input: $input) { id token role name expiresAt }
  }
`);

export type CreatedToken = ResultOf<typeof createToken>['createToken'];

export const revokeToken = graphql(`
  mutation RevokeToken($id: ID!, $expiresAt: DateTime) {
    revokeToken(id: $id, expiresAt: $expiresAt) { id }
  }
`);

export const revokedTokensQuery = graphql(`
  query RevokedTokens($after: String) {
    revokedTokens(first: 20, after: $after) {
      nodes { id revokedAt revokedBy expiresAt }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

export type RevokedToken = ResultOf<typeof revokedTokensQuery>['revokedTokens']['nodes'][number];

export const auditLogQuery = graphql(`
  query AuditLog($filter: AuditFilter, $after: String) {
    auditLog(filter: $filter, first: 50, after: $after) {
      nodes { sequence at actor role action targetKind targetId reason before after erased }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

export type AuditEntry = ResultOf<typeof auditLogQuery>['auditLog']['nodes'][number];
