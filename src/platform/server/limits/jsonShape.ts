import { AppError } from '../../errors';
import { type Limits, settingOf } from '../../limits';
import { isExactNumber } from '../../values/json';

const [quote, backslash, comma, minus] = [0x22, 0x5c, 0x2c, 0x2d];
const [openList, closeList, openObject, closeObject] = [0x5b, 0x5d, 0x7b, 0x7d];

export type ShapeLimits = Pick<Limits, 'inputKeys' | 'inputValues' | 'queryDepth'>;

const noLimits: ShapeLimits = {
  inputKeys: Number.POSITIVE_INFINITY,
  inputValues: Number.POSITIVE_INFINITY,
  queryDepth: Number.POSITIVE_INFINITY,
};

/**
 * Refuses JSON that is too deep or holds too much while it is still bytes: reading 16 MB of brackets takes the parser
 * half a second, looking for them some milliseconds. Whether it is JSON at all is for the parser to say.
 * @returns where the numbers stand that the parser would make others of; hardly ever are there any
 * @throws AppError QUERY_TOO_DEEP, TOO_MANY_VALUES
 */
export function checkJsonShape(bytes: Uint8Array, limits: ShapeLimits): Stretch[] {
  const inexact: Stretch[] = [];
  /** Of each object or list that is open: how many commas it has had, or less than nothing for a list. */
  const open: number[] = [];
  let values = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === quote) {
      at = endOfText(bytes, at);
    } else if (byte === comma) {
      values += 1;
      const commas = (open.pop() ?? Number.NEGATIVE_INFINITY) + 1;
      if (commas >= limits.inputKeys) throw tooManyKeys(limits);
      open.push(commas);
    } else if (byte === openObject || byte === openList) {
      values += 1;
      open.push(byte === openObject ? 0 : Number.NEGATIVE_INFINITY);
      if (open.length > limits.queryDepth) throw tooDeep(limits);
    } else if (byte === closeObject || byte === closeList) {
      open.pop();
    } else if (isDigit(byte)) {
      const start = at;
      let isPlain = true;
      for (let next = bytes[at + 1]; isDigit(next) || isBehindDigit(next); next = bytes[at + 1]) {
        isPlain &&= isDigit(next);
        at += 1;
      }
      // Fifteen digits are always exact. A sign before them stays where it is.
      if (isPlain && at - start < 15) continue;
      const source = Buffer.from(bytes.buffer, bytes.byteOffset + start, at + 1 - start).toString('latin1');
      if (!isExactNumber(source))
        inexact.push({ start: bytes[start - 1] === minus ? start - 1 : start, end: at + 1 });
    }
    if (values > limits.inputValues) throw tooManyValues(limits);
  }
  return inexact;
}

/** Bytes from the start to before the end. */
interface Stretch {
  start: number;
  end: number;
}

/**
 * JSON whose numbers are what they were written as. `JSON.parse` makes 4503599627370497 of 4503599627370497.3, so each such
 * number is handed on as an object that shows it: no type of the schema takes it, and GraphQL names the field.
 */
export function exactJson(json: Uint8Array, limits: ShapeLimits = noLimits): string {
  const inexact = checkJsonShape(json, limits);
  const bytes = Buffer.from(json.buffer, json.byteOffset, json.length);
  let text = '';
  let done = 0;
  for (const { start, end } of inexact) {
    text += `${bytes.toString('utf8', done, start)}{"inexactNumber":"${bytes.toString('latin1', start, end)}"}`;
    done = end;
  }
  return text + bytes.toString('utf8', done);
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

/** What else a number may have behind its first digit: + - . E e. */
function isBehindDigit(byte: number | undefined): boolean {
  return byte === 0x2b || byte === minus || byte === 0x2e || byte === 0x45 || byte === 0x65;
}

/** Where the text that begins here ends: at the first quote with an even number of backslashes before it. */
function endOfText(bytes: Uint8Array, start: number): number {
  for (let end = bytes.indexOf(quote, start + 1); end !== -1; end = bytes.indexOf(quote, end + 1)) {
    let before = end - 1;
    while (bytes[before] === backslash) before -= 1;
    if ((end - before) % 2 === 1) return end;
  }
  return bytes.length;
}

/**
 * The same of JSON that has been read, where nobody has looked at its bytes.
 * @throws AppError QUERY_TOO_DEEP
 */
export function requireShallow(value: unknown, limits: ShapeLimits): void {
  if (isDeeper(value, limits.queryDepth)) throw tooDeep(limits);
}

function isDeeper(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return depth === 0 || Object.values(value).some((inside) => isDeeper(inside, depth - 1));
}

function tooDeep({ queryDepth }: ShapeLimits): AppError {
  return new AppError(
    'QUERY_TOO_DEEP',
    `Values must lie at most ${queryDepth} deep inside each other ${settingOf('queryDepth')}.`,
  );
}

function tooManyValues({ inputValues }: ShapeLimits): AppError {
  return new AppError(
    'TOO_MANY_VALUES',
    `A request must hold at most ${inputValues} values ${settingOf('inputValues')}.`,
  );
}

function tooManyKeys({ inputKeys }: ShapeLimits): AppError {
  return new AppError(
    'TOO_MANY_VALUES',
    `An object must have at most ${inputKeys} keys ${settingOf('inputKeys')}.`,
  );
}
