import fc from 'fast-check';
import { csvLine, guardText, unguardText } from '../../src/platform/values/csv';
import { testSeed } from '../support/random';

const signs = ['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'];

/** Texts of what the guard looks at, and letters between. */
const tricky = fc.string({
  unit: fc.constantFrom(...signs, "'", '"', ';', ',', '|', '\n', 'a', ' '),
  maxLength: 12,
});

describe('a text in CSV', () => {
  test.each(signs)('that begins with %j is no formula', (sign) => {
    expect(guardText(`${sign}1+1`)).toBe(`'${sign}1+1`);
    expect(unguardText(`'${sign}1+1`)).toBe(`${sign}1+1`);
  });

  test.each([
    ['a;=1+1', "a;'=1+1"],
    ['a,=1+1', "a,'=1+1"],
    ['a\t=1+1', "a\t'=1+1"],
    ['a|@SUM(1)', "a|'@SUM(1)"],
    ['a\n-1', "a\n'-1"],
    ['a;＝1', "a;'＝1"],
    ['a;"=1+1', `a;'"=1+1`],
    ['"=1', `'"=1`],
    // Already guarded: one more, so that the guard can be taken off.
    ["'=1", "''=1"],
    ["a;'=1", "a;''=1"],
  ])('that another separator would split is none: %j', (text, expected) => {
    expect(guardText(text)).toBe(expected);
    expect(unguardText(expected)).toBe(text);
  });

  test.each(['Anna-Lena', 'a = b', "O'Neill", "'tis", 'Besök, långt', 'a; b', '1+1', 'a@b.se', ''])(
    'that is none stays as it is: %j',
    (text) => {
      expect(guardText(text)).toBe(text);
      expect(unguardText(text)).toBe(text);
    },
  );

  test('is given back as it was, and holds no formula for any separator', () => {
    fc.assert(
      fc.property(tricky, (text) => {
        expect(unguardText(guardText(text))).toBe(text);
        // As crude as a program can be that opens the file with another separator.
        for (const cell of csvLine(['first', text, 'last']).split(/[;,|\t\r\n]/)) {
          expect(cell).not.toMatch(/^["]*[-=+@＝＋－＠]/);
        }
      }),
      { seed: testSeed, numRuns: 5_000 },
    );
  });
});

test('a number in CSV stays a number, a negative one too', () => {
  expect(csvLine([-5, 0, null, '-5'])).toBe("-5,0,,'-5\r\n");
});
