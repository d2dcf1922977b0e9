import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  countCharacters,
  findProblem,
  firstCharacters,
  foldText,
  keyOf,
  normaliseText,
} from '../../src/platform/values/text';

const problemOf = (text: string) => findProblem(normaliseText(text), 200);

describe('a text is kept when it shows what it is', () => {
  test.each([
    ['Åsa Öberg', 'Latin'],
    ['Ἀλέξανδρος', 'Greek'],
    ['محمد بن سلمان', 'Arabic'],
    ['می\u200cخواهم', 'Persian, with a non-joiner inside a word'],
    ['क्\u200dष', 'Devanagari, with a joiner inside a word'],
    ['അവന്\u200d', 'Malayalam, whose last letter is shaped by a joiner behind a mark'],
    ['ᠠ\u180eᠠ', 'Mongolian, with a separator of vowels'],
    ['葛\u{e0100}飾', 'Japanese, with a variant of a letter'],
    ['𠮷野家', 'letters outside the first plane'],
    ['👩\u200d⚕\ufe0f besök', 'emoji of several parts'],
    ['👨\u200d👩\u200d👧\u200d👦', 'a family'],
    ['👩🏽\u200d🔬', 'with a colour of skin'],
    ['🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}', 'a flag that is made of tags'],
    ['🇸🇪', 'a flag that is made of letters'],
    ['❤\ufe0f', 'a heart in colour'],
    ['Röntgen\u00adundersökning', 'a soft hyphen inside a word'],
    ['Provtagning\u00a0A', 'a space that does not break'],
    ['\u0600١٢', 'a sign that stands around a number'],
    ['—', 'a dash'],
  ])('%j: %s', (text) => {
    expect(problemOf(text)).toBeUndefined();
  });

  test.each([
    ['', 'not be empty'],
    [' \u00a0\u3000', 'not be empty'],
    ['\u2800', 'something that can be seen'],
    ['\u3164\u115f', 'something that can be seen'],
    ['\u034f', 'something that can be seen'],
    ['\ufe0f', 'something that can be seen'],
    ['\u0301', 'something that can be seen'],
    ['\u00ad', 'joiners and soft hyphens only inside words and emoji'],
    ['\u200dAnna', 'U\\+200D'],
    ['Anna\u200d', 'U\\+200D'],
    ['Anna \u200cBerg', 'U\\+200C'],
    ['a\u200bb', 'format characters that show nothing .it has U\\+200B'],
    ['a\u2060b', 'format characters'],
    ['a\ufeffb', 'format characters'],
    ['a\u206ab', 'format characters'],
    ['Anna\u{e0041}', 'format characters'],
    ['Anna\u202eareB', 'direction of writing .it has U\\+202E'],
    ['Anna\u200f', 'direction of writing'],
    ['\u2066Anna\u2069', 'direction of writing'],
    ['\u061cAnna', 'direction of writing'],
    ['a\u2028b', 'one line'],
    ['a\u2029b', 'one line'],
    ['a\u0085b', 'one line'],
    ['a\nb', 'one line'],
    ['a\ud800b', 'half of a surrogate pair .it has U\\+D800'],
    ['a\udc00', 'half of a surrogate pair'],
    ['a\ue000b', 'private use .it has U\\+E000'],
    ['a\u{f0000}b', 'private use'],
    ['a\uffffb', 'assigned'],
    ['a\ufdd0b', 'assigned'],
    ['a\u{10ffff}b', 'assigned'],
    ['a\u0378b', 'assigned'],
  ])('not %j: it %s', (text, why) => {
    expect(problemOf(text)).toMatch(new RegExp(`^must .*${why}`));
  });
});

test('texts with the same key look the same, and no others have it', () => {
  const alike = [
    'Röntgen av hand',
    'Ro\u0308ntgen av hand',
    'Rönt\u00adgen av hand',
    'Röntgen\u034f av hand',
    'Röntgen\ufe0f av hand\u2800',
    'Rönt\u3164gen\u115f\uffa0 av\u00a0hand',
    ' Röntgen  av hand ',
    'Rönt\u200bgen \u2060av hand\ufeff',
    // The joiner stands between a letter and its accent.
    'Ro\u034f\u0308ntgen av hand',
  ];
  expect(new Set(alike.map(keyOf))).toEqual(new Set(['Röntgen av hand']));
  const others = ['röntgen av hand', 'Rontgen av hand', 'Röntgen avhand', 'Röntgen av hand.'];
  expect(new Set(others.map(keyOf)).size).toBe(others.length);
  const flags = ['eng', 'sct'].map((tags) =>
    ['🏴', ...[...`${tags}\x7f`].map((tag) => String.fromCodePoint(0xe0000 + tag.charCodeAt(0)))].join(''),
  );
  expect(keyOf(flags[0] as string)).not.toBe(keyOf(flags[1] as string));
});

describe('a folded text is the same in small and capital letters', () => {
  test.each([
    ['STRASSE', 'straße'],
    ['STRASSE', 'STRAẞE'],
    ['ΟΔΟΣ', 'οδος'],
    ['ΟΔΟΣ', 'οδοσ'],
    ['ﬁn', 'FIN'],
    ['oﬃce', 'OFFICE'],
    ['ǅ', 'Ǆ'],
    ['ᾳ', 'ΑΙ'],
    ['K', 'k'],
    ['ſ', 'S'],
    ['Ꭰ', 'ꭰ'],
    ['𐐀', '𐐨'],
    ['A\u030aSA', 'åsa'],
    // Four letters of Turkish, which are two there and one for everybody else.
    ['İSTANBUL', 'istanbul'],
    ['İstanbul', 'ISTANBUL'],
    ['IŞIK', 'ışık'],
    ['Işık', 'ışık'],
    ['I\u0307', 'i'],
  ])('%s and %s', (one, other) => {
    expect(foldText(one)).toBe(foldText(other));
  });

  test('as CaseFolding.txt says, for every character: what folds alike there folds alike here, and nothing else', () => {
    const mappings = readFileSync(join(__dirname, 'caseFolding.txt'), 'utf8')
      .split('\n')
      .filter((line) => /^[\dA-F]/.test(line))
      .map((line) => line.split('; ').map(fromHex) as [string, string]);
    expect(mappings).toHaveLength(1_585);
    const folded = new Map(mappings);
    const byUnicode = (text: string) =>
      [...text.normalize('NFD')].map((character) => folded.get(character) ?? character).join('');
    const [ofTheirs, ofOurs] = [new Map<string, string>(), new Map<string, string>()];
    const wrong: string[] = [];
    for (let codePoint = 0; codePoint <= 0x10ffff; codePoint += 1) {
      const text = String.fromCodePoint(codePoint);
      // Tables of another version of Unicode know characters that these do not.
      if (/[\p{Cs}\p{Cn}\p{Co}]/u.test(text) || keyOf(text) === '' || /[İı]/.test(text)) continue;
      const [theirs, ours] = [byUnicode(text).normalize('NFC'), foldText(text)];
      if ((ofTheirs.get(theirs) ?? ours) !== ours || (ofOurs.get(ours) ?? theirs) !== theirs) {
        wrong.push(codePoint.toString(16));
      }
      ofTheirs.set(theirs, ours);
      ofOurs.set(ours, theirs);
    }
    expect(wrong).toEqual([]);
    expect(ofOurs.size).toBeGreaterThan(100_000);
  });

  test('and folding it again changes nothing', () => {
    for (const text of ['STRASSE', 'ΟΔΟΣ', 'İstanbul', 'ǰ', 'ŉ', 'ΐ', 'ﬃ', 'Rönt\u00adgen']) {
      expect(foldText(foldText(text))).toBe(foldText(text));
    }
  });
});

test('a character is a code point, and none is cut in half', () => {
  expect(['', 'abc', '𠮷野', '🙂🙂', 'e\u0301'].map(countCharacters)).toEqual([0, 3, 2, 2, 2]);
  expect(firstCharacters('🙂🙂🙂', 2)).toBe('🙂🙂');
  expect(firstCharacters('abc', 3)).toBe('abc');
  expect(problemOf('🙂'.repeat(200))).toBeUndefined();
  expect(problemOf('🙂'.repeat(201))).toBe('must be at most 200 characters long (Unicode code points)');
});

function fromHex(codePoints: string): string {
  return String.fromCodePoint(...codePoints.split(' ').map((hex) => Number.parseInt(hex, 16)));
}
