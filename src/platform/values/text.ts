/**
 * Texts that people type: how they are kept, compared and searched. The service and its pages share this file, so that
 * what is found here is found there; it imports nothing. A character is a code point of Unicode throughout.
 */

/** A text as it is kept, and as whatever refers to one must be before the two are compared: trimmed, in NFC. */
export function normaliseText(text: string): string {
  return text.trim().normalize('NFC');
}

/** How many characters a text has: 𠮷 and 🙂 are one each, though JavaScript counts two. */
export function countCharacters(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/** The text's first characters, none of them cut in half. */
export function firstCharacters(text: string, most: number): string {
  return text.length <= most ? text : [...text].slice(0, most).join('');
}

/**
 * Characters that nobody sees: those that Unicode lets a font leave out (joiners, variation selectors, soft hyphen,
 * combining grapheme joiner, Hangul fillers, controls of direction), and blanks that are no white space. The tags that
 * tell one flag from another are seen as the flag.
 */
const unseen =
  /(?![\u{E0020}-\u{E007F}])[\p{Default_Ignorable_Code_Point}\u2800\u{13441}\u{13442}\u{16FE4}\u{1D159}]/gu;
const whiteSpace = /\p{White_Space}+/gu;

/**
 * What can be seen of a text: two texts with the same key look the same. Unique texts are compared by it, and references
 * are looked up by it; capital and small letters differ.
 */
export function keyOf(text: string): string {
  return seenIn(text).trim();
}

/** {@link keyOf} for a text that may be left out. */
export function optionalKeyOf(text: string | null): string | null {
  return text === null ? null : keyOf(text);
}

/**
 * A text for searching and ordering, its case folded as in Unicode's full case folding: `STRASSE` is found by `straße`,
 * `ﬁ` by `fi`, and both sigmas are one. All of I, İ, i and ı are one letter, so that `İstanbul` is found by `istanbul` and
 * `ISPARTA` by `ısparta`, whoever types them on which keyboard. By way of JavaScript's own tables, which every browser has;
 * a test compares it with Unicode's CaseFolding.txt.
 */
export function foldText(text: string): string {
  const seen = seenIn(text);
  if (isAscii(seen)) return seen.toLowerCase();
  // There and back again: ẞ has ß as its small letter, whose capital letters are SS.
  return seen
    .toLowerCase()
    .toUpperCase()
    .toLowerCase()
    .replaceAll('ς', 'σ')
    .normalize('NFC')
    .replace(/i\u0307/g, 'i')
    .normalize('NFC');
}

function seenIn(text: string): string {
  const seen = isAscii(text) ? text : text.replace(unseen, '').normalize('NFC');
  return seen.replace(whiteSpace, ' ');
}

function isAscii(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}

/**
 * Why a text cannot be kept: the end of a sentence that begins with its field's name, without a full stop.
 * @param text as {@link normaliseText} answers it
 * @returns undefined when nothing is wrong with it
 */
export function findProblem(text: string, maxCharacters: number): string | undefined {
  if (text === '') return 'must not be empty';
  if (text.length > maxCharacters && countCharacters(text) > maxCharacters) {
    return `must be at most ${maxCharacters} characters long (Unicode code points)`;
  }
  if (isAscii(text)) return undefined;
  for (const [characters, what] of refused) {
    const [found] = characters.exec(text) ?? [];
    if (found !== undefined) return `${what} (it has ${nameOf(found)})`;
  }
  return shown.test(text.replace(unseen, '')) ? undefined : 'must hold something that can be seen';
}

const [word, emoji] = ['\\p{L}\\p{M}\\p{N}', '\\p{Extended_Pictographic}\\p{Emoji_Modifier}'];
const joined = `[${word}${emoji}]`;
/** Zero-width joiner and non-joiner, the soft hyphen, and the separator of Mongolian vowels. */
const joiner = '[\\u200C\\u200D\\u00AD\\u180E]';

const refused: readonly [RegExp, string][] = [
  [/[\p{Cc}\p{Zl}\p{Zp}]/u, 'must be one line of text without control characters'],
  [/\p{Cs}/u, 'must be whole characters, without half of a surrogate pair'],
  [/\p{Bidi_Control}/u, 'must be without characters that turn the direction of writing'],
  [/[\p{Co}\p{Cn}]/u, 'must be characters that Unicode has assigned, none of them for private use'],
  [
    // Inside words they shape letters, behind a mark also the last one, and inside emoji they make one picture of several.
    new RegExp(`(?<!${joined})${joiner}|(?<!\\p{M})${joiner}(?!${joined})`, 'u'),
    'must have joiners and soft hyphens only inside words and emoji',
  ],
  [
    // Signs of Arabic, Syriac and Kaithi that stand around numbers can be seen; tags make flags, behind a black one.
    /(?![\u00AD\u0600-\u0605\u06DD\u070F\u0890\u0891\u08E2\u180E\u200C-\u200D\u{110BD}\u{110CD}]|(?<=\u{1F3F4}[\u{E0020}-\u{E007F}]*)[\u{E0020}-\u{E007F}])\p{Cf}/u,
    'must be without format characters that show nothing',
  ],
];

/** What a font draws by itself. */
const shown = /[\p{L}\p{N}\p{P}\p{S}]/u;

/** `U+202E`. */
function nameOf(character: string): string {
  return `U+${character.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')}`;
}
