import { AppError } from '../errors';
import { checkInstant } from './checks';
import type { ParsedDateTime } from './dateTime';
import { type Calendar, type Month, nextMonth } from './months';

/** A range as somebody asks for it: whole months (inclusive), or instants (from included, to not), or neither. */
export interface RangeInput {
  fromMonth?: Month | null;
  toMonth?: Month | null;
  from?: ParsedDateTime | null;
  to?: ParsedDateTime | null;
}

/** Half-open: from is included, to is not; null is unbounded. Milliseconds since 1970, UTC. */
export interface Range {
  fromMs: number | null;
  toMs: number | null;
}

/**
 * Makes a range of what was asked for.
 * @throws AppError BAD_USER_INPUT when months and instants come together, or the end lies before the beginning
 */
export function readRange(input: RangeInput, calendar: Calendar): Range {
  const byMonth = isGiven(input.fromMonth) || isGiven(input.toMonth);
  if (byMonth && (isGiven(input.from) || isGiven(input.to))) {
    throw new AppError(
      'BAD_USER_INPUT',
      'Give the range either by fromMonth and toMonth or by from and to, not by both.',
      isGiven(input.from) ? 'from' : 'to',
    );
  }
  const range: Range = byMonth
    ? {
        fromMs: isGiven(input.fromMonth) ? calendar.startOf(input.fromMonth) : null,
        toMs: isGiven(input.toMonth) ? calendar.startOf(nextMonth(input.toMonth)) : null,
      }
    : { fromMs: readInstant(input.from, 'from'), toMs: readInstant(input.to, 'to') };
  // Instants may meet in an empty range; months are inclusive, so that theirs is never empty.
  const leastMs = byMonth ? 1 : 0;
  if (range.fromMs !== null && range.toMs !== null && range.toMs - range.fromMs < leastMs) {
    const field = byMonth ? 'toMonth' : 'to';
    throw new AppError('BAD_USER_INPUT', `${field} must not lie before the beginning of the range.`, field);
  }
  return range;
}

function readInstant(value: ParsedDateTime | null | undefined, field: string): number | null {
  if (!isGiven(value)) return null;
  if ('problem' in value) throw new AppError('BAD_USER_INPUT', `${field} ${value.problem}.`, field);
  return checkInstant(value.instantMs, field);
}

function isGiven<Value>(value: Value | null | undefined): value is Value {
  return value !== null && value !== undefined;
}
