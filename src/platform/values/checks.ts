import { AppError } from '../errors';
import { earliestInstantMs, latestInstantMs } from './months';
import { countCharacters, findProblem, normaliseText } from './text';

/** The limits of what a request may hold. Every one has a test on both sides. */
export const limits = {
  pageRows: 1_000,
  filterIds: 10_000,
  batchInputs: 10_000,
  /** Code points, as everywhere. */
  textCharacters: 200,
  reasonCharacters: 500,
  clockSkewMs: 5 * 60_000,
} as const;

/**
 * A caregiver's, unit's or event type's id: a positive integer, written as a GraphQL ID.
 * @throws AppError BAD_USER_INPUT naming the field
 */
export function checkIntegerId(text: string | number, field: string): number {
  const id = /^[1-9]\d{0,15}$/.test(String(text)) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(id)) {
    throw new AppError(
      'BAD_USER_INPUT',
      `${field} must be an id as the service gave it, such as "17".`,
      field,
    );
  }
  return id;
}

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whether a text is a UUID as the service writes it, in lower case. */
export function isUuid(text: string): boolean {
  return uuidPattern.test(text);
}

/** Whether a text is one line that can be stored: not empty, without control characters, no longer than this. */
export function isLine(text: string, maxCharacters: number): boolean {
  return text !== '' && text.length <= maxCharacters && !/\p{Cc}|\p{Cs}/u.test(text);
}

/**
 * A UUID in any version, as 36 characters; answers it in lower case.
 * @throws AppError BAD_USER_INPUT naming the field
 */
export function checkUuid(text: string, field: string): string {
  const uuid = text.toLowerCase();
  if (!uuidPattern.test(uuid)) {
    throw new AppError(
      'BAD_USER_INPUT',
      `${field} must be a UUID, such as 0190163d-8694-739b-aea5-966c26f8ad91.`,
      field,
    );
  }
  return uuid;
}

/**
 * A line of text for people, as it is kept: trimmed, in NFC, with something to see in it and nothing that misleads, of
 * bounded length.
 * @throws AppError BAD_USER_INPUT naming the field
 */
export function checkText(
  text: string,
  field: string,
  maxCharacters: number = limits.textCharacters,
): string {
  const line = normaliseText(text);
  const problem = findProblem(line, maxCharacters);
  if (problem !== undefined) {
    throw new AppError('BAD_USER_INPUT', `${field} ${problem}.`, field, { maxCharacters });
  }
  return line;
}

/**
 * A part of a line of text to look for: as it is, with its spaces.
 * @throws AppError BAD_USER_INPUT naming the field
 */
export function checkSearch(text: string, field: string): string {
  if (countCharacters(text) <= limits.textCharacters && !/\p{Cc}|\p{Cs}/u.test(text)) return text;
  throw new AppError(
    'BAD_USER_INPUT',
    `${field} must be at most ${limits.textCharacters} characters of text (Unicode code points), without control characters.`,
    field,
  );
}

/**
 * A text that refers to a stored one, as {@link checkText} has kept it. What is refused today may have been kept before.
 * @throws AppError BAD_USER_INPUT naming the field
 */
export function checkReference(text: string, field: string): string {
  const line = normaliseText(text);
  if (line === '') throw new AppError('BAD_USER_INPUT', `${field} must not be empty.`, field);
  return checkSearch(line, field);
}

/** {@link checkText} for a field that may be left out. */
export function checkOptionalText(
  text: string | null | undefined,
  field: string,
  maxCharacters: number = limits.textCharacters,
): string | null {
  return text === null || text === undefined ? null : checkText(text, field, maxCharacters);
}

/**
 * An instant inside the years that the service counts.
 * @throws AppError BAD_USER_INPUT naming the field
 */
export function checkInstant(instantMs: number, field: string): number {
  if (instantMs < earliestInstantMs || instantMs >= latestInstantMs) {
    throw new AppError('BAD_USER_INPUT', `${field} must lie between the years 1900 and 2200.`, field);
  }
  return instantMs;
}

/**
 * A list of ids for a filter; undefined means that the filter is absent, an empty list that nothing matches.
 * @throws AppError BAD_USER_INPUT naming the element
 */
export function checkIdList<Id>(
  texts: readonly string[] | null | undefined,
  field: string,
  check: (text: string, field: string) => Id,
): Id[] | undefined {
  if (texts === null || texts === undefined) return undefined;
  if (texts.length > limits.filterIds) {
    throw new AppError('BAD_USER_INPUT', `${field} must hold at most ${limits.filterIds} ids.`, field);
  }
  return texts.map((text, index) => check(text, `${field}[${index}]`));
}

/**
 * The size of a page.
 * @throws AppError BAD_USER_INPUT naming the field
 */
export function checkPageSize(first: number): number {
  if (!Number.isInteger(first) || first < 1 || first > limits.pageRows) {
    throw new AppError('BAD_USER_INPUT', `first must be from 1 to ${limits.pageRows}.`, 'first');
  }
  return first;
}
