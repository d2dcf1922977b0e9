import { AppError } from '../../errors';
import { type Limits, settingOf } from '../../limits';

const [quote, backslash, comma] = [0x22, 0x5c, 0x2c];
const [openList, closeList, openObject, closeObject] = [0x5b, 0x5d, 0x7b, 0x7d];

/**
 * Refuses JSON that is too deep or holds too much while it is still bytes: reading 16 MB of brackets takes the parser
 * half a second, looking for them some milliseconds. Whether it is JSON at all is for the parser to say.
 * @throws AppError QUERY_TOO_DEEP, TOO_MANY_VALUES
 */
export function checkJsonShape(bytes: Uint8Array, limits: Limits): void {
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
    }
    if (values > limits.inputValues) throw tooManyValues(limits);
  }
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
export function requireShallow(value: unknown, limits: Limits): void {
  if (isDeeper(value, limits.queryDepth)) throw tooDeep(limits);
}

function isDeeper(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return depth === 0 || Object.values(value).some((inside) => isDeeper(inside, depth - 1));
}

function tooDeep({ queryDepth }: Limits): AppError {
  return new AppError(
    'QUERY_TOO_DEEP',
    `Values must lie at most ${queryDepth} deep inside each other ${settingOf('queryDepth')}.`,
  );
}

function tooManyValues({ inputValues }: Limits): AppError {
  return new AppError(
    'TOO_MANY_VALUES',
    `A request must hold at most ${inputValues} values ${settingOf('inputValues')}.`,
  );
}

function tooManyKeys({ inputKeys }: Limits): AppError {
  return new AppError(
    'TOO_MANY_VALUES',
    `An object must have at most ${inputKeys} keys ${settingOf('inputKeys')}.`,
  );
}
