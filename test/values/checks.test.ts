import type { AppError } from '../../src/platform/errors';
import {
  checkIdList,
  checkInstant,
  checkIntegerId,
  checkOptionalText,
  checkPageSize,
  checkText,
  checkUuid,
  limits,
} from '../../src/platform/values/checks';

/** The field that a check blames. */
function blamed(check: () => unknown): string | undefined {
  try {
    check();
  } catch (error) {
    const { code, field, message } = error as AppError;
    expect(code).toBe('BAD_USER_INPUT');
    expect(message.startsWith(field as string)).toBe(true);
    return field;
  }
  throw new Error('expected it to be refused');
}

test('an integer id is a positive whole number as the service writes it', () => {
  expect(checkIntegerId('1', 'id')).toBe(1);
  expect(checkIntegerId('9007199254740991', 'id')).toBe(Number.MAX_SAFE_INTEGER);
  for (const text of ['', '0', '-1', '01', '1.0', '1e3', ' 1', '1 ', '0x1', 'one', '9007199254740992', '١']) {
    expect(blamed(() => checkIntegerId(text, 'caregiverId'))).toBe('caregiverId');
  }
});

test('a UUID is answered in small letters', () => {
  const uuid = '0190163d-8694-739b-aea5-966c26f8ad91';
  expect(checkUuid(uuid.toUpperCase(), 'id')).toBe(uuid);
  expect(checkUuid('00000000-0000-0000-0000-000000000000', 'id')).toHaveLength(36);
  for (const text of [
    '',
    uuid.slice(1),
    `${uuid}0`,
    uuid.replaceAll('-', ''),
    ` ${uuid}`,
    uuid.replace('0', 'g'),
  ]) {
    expect(blamed(() => checkUuid(text, 'id'))).toBe('id');
  }
});

test('a text is one line, trimmed, in one way of writing accents, and of bounded length', () => {
  expect(checkText('  Åsa  Öberg ', 'name')).toBe('Åsa  Öberg');
  expect(checkText('A\u030asa', 'name')).toBe('Åsa');
  expect(checkText('x'.repeat(limits.textCharacters), 'name')).toHaveLength(200);
  expect(checkText('xy', 'name', 2)).toBe('xy');
  for (const text of ['', ' ', '\t', 'a\nb', 'a\tb', 'a\u0000b', 'a\u007fb', 'a\ud800b', 'x'.repeat(201)]) {
    expect(blamed(() => checkText(text, 'name'))).toBe('name');
  }
  expect(blamed(() => checkText('xyz', 'name', 2))).toBe('name');
});

test('a text that may be left out is null then, but not empty', () => {
  expect(checkOptionalText(null, 'reason')).toBeNull();
  expect(checkOptionalText(undefined, 'reason')).toBeNull();
  expect(checkOptionalText(' a ', 'reason')).toBe('a');
  expect(blamed(() => checkOptionalText('', 'reason'))).toBe('reason');
});

test('an instant lies between the years 1900 and 2200', () => {
  const [first, end] = [Date.UTC(1900, 0, 1), Date.UTC(2200, 11, 31)];
  for (const instantMs of [first, 0, end - 1]) expect(checkInstant(instantMs, 'from')).toBe(instantMs);
  for (const instantMs of [first - 1, end])
    expect(blamed(() => checkInstant(instantMs, 'from'))).toBe('from');
});

test('a list of ids is absent, or checked one by one', () => {
  expect(checkIdList(undefined, 'ids', checkIntegerId)).toBeUndefined();
  expect(checkIdList(null, 'ids', checkIntegerId)).toBeUndefined();
  expect(checkIdList([], 'ids', checkIntegerId)).toEqual([]);
  expect(checkIdList(['7', '5'], 'ids', checkIntegerId)).toEqual([7, 5]);
  expect(blamed(() => checkIdList(['7', '7', 'x'], 'ids', checkIntegerId))).toBe('ids[2]');
  const most = Array.from({ length: limits.filterIds }, (_, index) => String(index + 1));
  expect(checkIdList(most, 'ids', checkIntegerId)).toHaveLength(10_000);
  expect(blamed(() => checkIdList([...most, '1'], 'ids', checkIntegerId))).toBe('ids');
});

test('a page holds from 1 to 1000', () => {
  for (const first of [1, 50, 1_000]) expect(checkPageSize(first)).toBe(first);
  for (const first of [0, -1, 1_001, 1.5, Number.NaN])
    expect(blamed(() => checkPageSize(first))).toBe('first');
});
