import fc from 'fast-check';
import {
  isExactNumber,
  isPlainInteger,
  JsonNumber,
  JsonProblem,
  type JsonValue,
  parseJson,
} from '../../src/platform/values/json';
import { testSeed } from '../support/random';

const settings = { seed: testSeed, numRuns: 2_000 };

/** What `JSON.parse` would have made of it. */
function loose(value: JsonValue): unknown {
  if (value instanceof JsonNumber) return Number(value.source);
  if (Array.isArray(value)) return value.map(loose);
  if (value instanceof Map) {
    const object = {};
    for (const [key, inside] of value) {
      Object.defineProperty(object, key, { value: loose(inside), enumerable: true });
    }
    return object;
  }
  return value;
}

function problemOf(text: string): JsonProblem {
  try {
    parseJson(text);
  } catch (error) {
    if (error instanceof JsonProblem) return error;
    throw error;
  }
  throw new Error(`expected ${text} to be refused`);
}

describe('the reader of JSON', () => {
  test('reads what JSON.parse reads', () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ maxDepth: 4 }),
        fc.constantFrom(undefined, ' ', '\t', '\r\n'),
        (value, space) => {
          const text = JSON.stringify(value, null, space);
          expect(loose(parseJson(text))).toEqual(JSON.parse(text));
        },
      ),
      settings,
    );
  });

  test('refuses what JSON.parse refuses, wherever a text is damaged', () => {
    const pieces = [
      '{',
      '}',
      '[',
      ']',
      '"',
      ':',
      ',',
      '\\',
      'u',
      'd83d',
      '-',
      '0',
      '1',
      '.',
      'e',
      'true',
      'null',
      ' ',
      '\n',
      'é',
    ];
    const damaged = fc.array(fc.constantFrom(...pieces), { maxLength: 12 }).map((some) => some.join(''));
    fc.assert(
      fc.property(damaged, (text) => {
        let expected: unknown;
        try {
          expected = JSON.parse(text);
        } catch {
          expect(problemOf(text)).toBeInstanceOf(JsonProblem);
          return;
        }
        expect(loose(parseJson(text))).toEqual(expected);
      }),
      { ...settings, numRuns: 20_000 },
    );
  });

  test.each([
    '9007199254740993',
    '4503599627370497.3',
    '-0',
    '1.0',
    '1e3',
    '1E+400',
    '1e-400',
    '123456789012345678901234567890',
    `1e${'9'.repeat(30)}`,
  ])('keeps the number %s as it is written', (source) => {
    expect(parseJson(`[${source}]`)).toEqual([new JsonNumber(source)]);
  });

  test('a key is nothing but a key', () => {
    const object = parseJson('{"__proto__": {"id": 1}, "constructor": 2, "": null}');
    expect([...(object as Map<string, JsonValue>).keys()]).toEqual(['__proto__', 'constructor', '']);
    expect(({} as Record<string, unknown>).id).toBeUndefined();
  });

  test.each([
    ['{"id": 1, "id": 2}', 'the key "id" stands twice', 1, 11],
    ['{"id": 1, "\\u0069d": 1}', 'the key "id" stands twice', 1, 11],
    ['{"a": {"b": 1,\n"c": 2, "b": 1}}', 'the key "b" stands twice', 2, 9],
    ['["🙂", \'x\']', 'a value must stand here', 1, 7],
    ['["\\ud83d"]', 'half of a surrogate pair', 1, 2],
    ['["\\ude42\\ud83d"]', 'half of a surrogate pair', 1, 2],
    ['["a\tb"]', 'a control character must be written as an escape', 1, 4],
    ['["\\x41"]', 'there is no such escape', 1, 3],
    ['["\\u00g0"]', 'four hexadecimal digits', 1, 5],
    ['{"a" 1}', 'a colon must stand here', 1, 6],
    ['{"a": 1 "b": 2}', 'a comma or } must stand here', 1, 9],
    ['{"a": 1,}', 'a key in double quotes must stand here', 1, 9],
    ['{a: 1}', 'a key in double quotes must stand here', 1, 2],
    ['[01]', 'a comma or ] must stand here', 1, 3],
    ['[NaN]', 'a value must stand here', 1, 2],
    ['{"a": "b', 'the text that begins here does not end', 1, 7],
    ['{"a":', 'it ends too early', 1, 6],
    ['', 'it ends too early', 1, 1],
    ['1 2', 'there is more behind the value', 1, 3],
    ['\uFEFF1', 'a value must stand here', 1, 1],
  ])('%j is refused: %s', (text, problem, line, column) => {
    expect(problemOf(text)).toMatchObject({ problem: expect.stringContaining(problem), line, column });
  });

  test('a pair of surrogates, written as escapes, is a character', () => {
    expect(parseJson('"\\ud83d\\ude42"')).toBe('🙂');
  });

  test('depth has a limit, and no stack is exhausted', () => {
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
    expect(parseJson(nested(100))).toEqual(JSON.parse(nested(100)));
    expect(problemOf(nested(101)).problem).toBe('values are more than 100 deep inside each other');
    expect(problemOf('{"a":'.repeat(1_000_000)).column).toBe(5 * 100 + 1);
  });
});

test('a plain integer is one in digits alone that a double keeps', () => {
  for (const source of ['0', '17', '9007199254740991'])
    expect(isPlainInteger(new JsonNumber(source))).toBe(true);
  for (const source of [
    '-0',
    '-17',
    '1.0',
    '1e3',
    '1E0',
    '9007199254740992',
    '9007199254740993',
    '1'.repeat(400),
  ]) {
    expect(isPlainInteger(new JsonNumber(source))).toBe(false);
  }
});

describe('a number is exact', () => {
  test.each([
    '0',
    '-0',
    '17',
    '-17',
    '1.0',
    '0.1',
    '12.000001',
    '1e3',
    '1E+300',
    '1e-300',
    '0e99',
    '0.0',
    '100000000000000000000000',
    '9007199254740992',
  ])('when it is %s', (source) => expect(isExactNumber(source)).toBe(true));

  test.each([
    '9007199254740993',
    '-9007199254740993',
    '4503599627370497.3',
    '1.00000000000000001',
    '1e-400',
    '1e400',
    `1e${'9'.repeat(30)}`,
  ])('but not when it is %s', (source) => expect(isExactNumber(source)).toBe(false));

  test('is found out at once, however long it is', () => {
    expect(isExactNumber(`0.${'0'.repeat(1_000_000)}1`)).toBe(false);
    expect(isExactNumber(`1${'0'.repeat(1_000_000)}1`)).toBe(false);
  });

  test('whenever JavaScript has written it', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(isExactNumber(JSON.stringify(value))).toBe(true);
      }),
      settings,
    );
  });
});
