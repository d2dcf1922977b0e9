/**
 * JSON as it is written. `JSON.parse` makes a double of every number, so that 9007199254740993 becomes another one, and of
 * a key that stands twice it takes the last: neither may happen to what names a person or a sum.
 */
export type JsonValue = string | boolean | null | JsonNumber | JsonValue[] | JsonObject;

/** A map, so that no key means anything but itself. */
export type JsonObject = Map<string, JsonValue>;

/** A number by its source text. */
export class JsonNumber {
  constructor(readonly source: string) {}
}

/** Why a text is not JSON, as the end of a sentence, and where. Lines and columns are counted from 1, in characters. */
export class JsonProblem extends Error {
  override readonly name = 'JsonProblem';

  constructor(
    readonly problem: string,
    readonly line: number,
    readonly column: number,
  ) {
    super(`line ${line}, column ${column}: ${problem}`);
  }
}

/** Values deeper inside each other than this are refused: the reader calls itself for each level. */
const maxDepth = 100;

/** @throws JsonProblem where the text is not JSON, a key stands twice, or a text holds half of a surrogate pair */
export function parseJson(text: string): JsonValue {
  return new Reader(text).readWhole();
}

/** Whether a number is a whole one in plain digits (no sign, point or exponent) that a double keeps exactly. */
export function isPlainInteger({ source }: JsonNumber): boolean {
  return /^(0|[1-9]\d{0,15})$/.test(source) && Number.isSafeInteger(Number(source));
}

/** Whether a number is the same once JavaScript has read it: 0.1 and 1e300 are, 9007199254740993 and 1e-400 are not. */
export function isExactNumber(source: string): boolean {
  if (/^-?\d{1,15}$/.test(source)) return true;
  // The largest double has 309 digits. Nothing is gained by comparing more of them, and it would take long.
  return source.length <= 400 && decimalOf(source) === decimalOf(String(Number(source)));
}

/** Significant digits and the power of ten behind them; undefined for what is no number, such as Infinity. */
function decimalOf(text: string): string | undefined {
  const parts = /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text);
  if (!parts) return undefined;
  const [, whole = '', fraction = '', exponent = '0'] = parts;
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return '0';
  return `${significant}e${Number(exponent) - fraction.length + digits.length - significant.length}`;
}

const blanks = /[ \t\n\r]*/y;
/** Neither a quote, a backslash nor a control character. */
const plainText = /[ !#-[\]-\uffff]*/y;
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const hexDigits = /[0-9a-fA-F]{4}/y;
const words: readonly [string, JsonValue][] = [
  ['true', true],
  ['false', false],
  ['null', null],
];
const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

class Reader {
  private at = 0;
  private depth = 0;

  constructor(private readonly text: string) {}

  readWhole(): JsonValue {
    const value = this.readValue();
    this.skipBlanks();
    if (this.at < this.text.length) this.refuse('there is more behind the value');
    return value;
  }

  private readValue(): JsonValue {
    this.skipBlanks();
    const next = this.text[this.at];
    if (next === '"') return this.readText();
    if (next === '{') return this.readDeeper(() => this.readObject());
    if (next === '[') return this.readDeeper(() => this.readList());
    const source = this.take(number);
    if (source !== '') return new JsonNumber(source);
    for (const [word, value] of words) {
      if (!this.text.startsWith(word, this.at)) continue;
      this.at += word.length;
      return value;
    }
    return this.refuse(next === undefined ? 'it ends too early' : 'a value must stand here');
  }

  private readDeeper<Value>(read: () => Value): Value {
    this.depth += 1;
    if (this.depth > maxDepth) this.refuse(`values are more than ${maxDepth} deep inside each other`);
    this.at += 1;
    const value = read();
    this.depth -= 1;
    return value;
  }

  private readObject(): JsonObject {
    const object: JsonObject = new Map();
    if (this.skip('}')) return object;
    do {
      this.skipBlanks();
      const start = this.at;
      if (this.text[start] !== '"') this.refuse('a key in double quotes must stand here');
      const key = this.readText();
      if (object.has(key)) this.refuse(`the key "${shortened(key)}" stands twice`, start);
      if (!this.skip(':')) this.refuse('a colon must stand here');
      object.set(key, this.readValue());
    } while (this.skip(','));
    if (!this.skip('}')) this.refuse('a comma or } must stand here');
    return object;
  }

  private readList(): JsonValue[] {
    const list: JsonValue[] = [];
    if (this.skip(']')) return list;
    do list.push(this.readValue());
    while (this.skip(','));
    if (!this.skip(']')) this.refuse('a comma or ] must stand here');
    return list;
  }

  private readText(): string {
    const start = this.at;
    this.at += 1;
    let value = this.take(plainText);
    while (this.text[this.at] === '\\') value += this.readEscape() + this.take(plainText);
    if (this.text[this.at] !== '"') {
      if (this.at < this.text.length) this.refuse('a control character must be written as an escape');
      this.refuse('the text that begins here does not end', start);
    }
    this.at += 1;
    if (/\p{Cs}/u.test(value)) this.refuse('the text that begins here holds half of a surrogate pair', start);
    return value;
  }

  private readEscape(): string {
    const letter = this.text[this.at + 1] ?? '';
    if (letter === 'u') {
      this.at += 2;
      const hex = this.take(hexDigits);
      if (hex === '') this.refuse('four hexadecimal digits must stand here');
      return String.fromCharCode(Number.parseInt(hex, 16));
    }
    const value = escapes[letter];
    if (value === undefined) return this.refuse('there is no such escape');
    this.at += 2;
    return value;
  }

  /** Goes over what a pattern matches here; an empty text where it matches nothing. */
  private take(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const taken = pattern.exec(this.text)?.[0] ?? '';
    this.at += taken.length;
    return taken;
  }

  private skipBlanks(): void {
    // Hardly ever are there any.
    if (this.text.charCodeAt(this.at) <= 0x20) this.take(blanks);
  }

  /** Goes over a sign, and the blanks before it, where it stands. */
  private skip(sign: string): boolean {
    this.skipBlanks();
    if (this.text[this.at] !== sign) return false;
    this.at += 1;
    return true;
  }

  private refuse(problem: string, at = this.at): never {
    const lines = this.text.slice(0, at).split('\n');
    throw new JsonProblem(problem, lines.length, [...(lines.at(-1) as string)].length + 1);
  }
}

function shortened(text: string): string {
  return text.length <= 50 ? text : `${text.slice(0, 50)}…`;
}
