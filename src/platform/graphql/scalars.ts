import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';
import { formatDateTime, type ParsedDateTime, parseDateTime } from '../values/dateTime';
import { formatMonth, type Month, parseMonth } from '../values/months';

/**
 * What is no date and time is handed on with its problem instead of failing the request: in a batch, one bad time
 * must not spoil its neighbours, and the use case names the field.
 */
export const DateTime = new GraphQLScalarType<ParsedDateTime, string>({
  name: 'DateTime',
  description:
    'A date and time with an offset from UTC, as in RFC 3339: `2026-03-01T14:30:00+01:00` or `2026-03-01T13:30:00Z`. ' +
    'One without an offset is refused. Kept and answered in UTC, to the millisecond.',
  specifiedByURL: 'https://datatracker.ietf.org/doc/html/rfc3339',
  serialize: (value) => formatDateTime(value as number),
  parseValue: parseDateTime,
  parseLiteral: (node) => parseDateTime(node.kind === Kind.STRING ? node.value : undefined),
});

export const YearMonth = new GraphQLScalarType<Month, string>({
  name: 'YearMonth',
  description: "A calendar month in the service's time zone: `2026-03`.",
  serialize: (value) => formatMonth(value as Month),
  parseValue: readMonth,
  parseLiteral: (node) => readMonth(node.kind === Kind.STRING ? node.value : undefined),
});

export const MinorUnits = new GraphQLScalarType<number, number>({
  name: 'MinorUnits',
  description:
    'An amount of money as a whole number of minor units (öre, cents) of the currency beside it. ' +
    'Exact up to 9007199254740991 (2^53−1), which is larger than a GraphQL Int; nothing is ever rounded.',
  serialize: (value) => readMinorUnits(value),
  parseValue: readMinorUnits,
  parseLiteral: (node) => readMinorUnits(node.kind === Kind.INT ? Number(node.value) : undefined),
});

function readMonth(value: unknown): Month {
  const month = typeof value === 'string' ? parseMonth(value) : undefined;
  if (month === undefined) throw new GraphQLError('a month must look like 2026-03, from 1900-01 to 2200-12');
  return month;
}

function readMinorUnits(value: unknown): number {
  // Minus nothing is nothing.
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value === 0 ? 0 : value;
  throw new GraphQLError('an amount must be a whole number of minor units, at most 9007199254740991');
}
