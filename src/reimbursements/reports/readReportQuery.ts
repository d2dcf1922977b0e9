import type { Scope } from '../../platform/access/scope';
import { AppError } from '../../platform/errors';
import { checkIdList, checkIntegerId } from '../../platform/values/checks';
import { parseDateTime } from '../../platform/values/dateTime';
import { type Calendar, type Month, parseMonth } from '../../platform/values/months';
import { readRange } from '../../platform/values/range';
import type { ReportQuery } from './readReport';

/** A report's filter as it stands in a URL or on a command line: unchecked text, under the names of the API. */
export interface ReportQueryText {
  caregiverIds?: readonly string[] | undefined;
  unitIds?: readonly string[] | undefined;
  fromMonth?: string | undefined;
  toMonth?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
}

/**
 * Reads a filter with the checks of the API.
 * @throws AppError BAD_USER_INPUT naming the field
 */
export function readReportQuery(text: ReportQueryText, scope: Scope, calendar: Calendar): ReportQuery {
  const range = readRange(
    {
      fromMonth: readMonth(text.fromMonth, 'fromMonth'),
      toMonth: readMonth(text.toMonth, 'toMonth'),
      from: text.from === undefined ? null : parseDateTime(text.from),
      to: text.to === undefined ? null : parseDateTime(text.to),
    },
    calendar,
  );
  return {
    scope,
    caregiverIds: checkIdList(text.caregiverIds, 'caregiverIds', checkIntegerId),
    unitIds: checkIdList(text.unitIds, 'unitIds', checkIntegerId),
    range,
  };
}

function readMonth(text: string | undefined, field: string): Month | null {
  if (text === undefined) return null;
  const month = parseMonth(text);
  if (month === undefined) {
    throw new AppError('BAD_USER_INPUT', `${field} must look like 2026-03, from 1900-01 to 2200-12.`, field);
  }
  return month;
}
