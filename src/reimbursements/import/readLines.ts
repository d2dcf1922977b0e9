import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { OperatorError } from '../../platform/errors';

/** Longer lines, and longer records of CSV, are refused before anybody looks into them. */
export const maxLineBytes = 1 << 20;

/** Some whole lines of a file. */
export interface TextPart {
  /** With their line ends, which only the last line of the file may lack. */
  text: string;
  lineEnd: LineEnd;
  /** Lines that cannot be read, and why, by their place in the text from 0. They stand there as far as they can be shown. */
  faults: ReadonlyMap<number, string>;
  /** How much of the file had been read for them. */
  bytesRead: number;
}

export type LineEnd = '\n' | '\r';

const noFaults: ReadonlyMap<number, string> = new Map();

/**
 * Reads the lines of a text, some at a time: UTF-8 or UTF-16, with or without a byte order mark. A line ends at `\n`; a
 * `\r` before it is left to the caller.
 * @param loneReturns whether lines may end at `\r` alone; those of a file do where its first one does
 * @throws OperatorError when the file cannot be read
 */
export async function* readLines(path: string, { loneReturns = false } = {}): AsyncGenerator<TextPart> {
  const file = createReadStream(path, { highWaterMark: 1 << 18 });
  let lineEnd: LineEnd | undefined;
  let rest: Buffer = Buffer.alloc(0);
  let isTooLong = false;
  const part = (bytes: Buffer) => ({ ...decode(bytes, lineEnd ?? '\n'), bytesRead: file.bytesRead });
  try {
    for await (const chunk of toUtf8(file, path)) {
      lineEnd ??= loneReturns && hasLoneReturns(chunk) ? '\r' : '\n';
      const ends = { first: chunk.indexOf(lineEnd), last: chunk.lastIndexOf(lineEnd) };
      if (ends.last === -1) {
        if (!isTooLong) rest = Buffer.concat([rest, chunk]);
        if (rest.length > maxLineBytes) isTooLong = true;
        // What is too long is not kept, either.
        if (isTooLong) rest = Buffer.alloc(0);
        continue;
      }
      let from = 0;
      if (isTooLong || rest.length + ends.first > maxLineBytes) {
        yield { text: lineEnd, lineEnd, faults: tooLong, bytesRead: file.bytesRead };
        from = ends.first + 1;
      } else if (rest.length > 0) {
        yield part(Buffer.concat([rest, chunk.subarray(0, ends.first + 1)]));
        from = ends.first + 1;
      }
      if (from <= ends.last) yield part(chunk.subarray(from, ends.last + 1));
      rest = Buffer.from(chunk.subarray(ends.last + 1));
      isTooLong = false;
    }
    if (isTooLong)
      yield { text: lineEnd ?? '\n', lineEnd: lineEnd ?? '\n', faults: tooLong, bytesRead: file.bytesRead };
    else if (rest.length > 0) yield part(rest);
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (code === undefined || syscall === undefined) throw error;
    throw new OperatorError(`Cannot read ${path} (${code}).`);
  } finally {
    file.destroy();
  }
}

const tooLong: ReadonlyMap<number, string> = new Map([
  [0, `the line is longer than ${maxLineBytes.toLocaleString('en')} bytes`],
]);

function hasLoneReturns(chunk: Buffer): boolean {
  const at = chunk.indexOf('\r');
  const feed = chunk.indexOf('\n');
  return at !== -1 && at + 1 < chunk.length && (feed === -1 || feed > at + 1);
}

function decode(bytes: Buffer, lineEnd: LineEnd): Omit<TextPart, 'bytesRead'> {
  if (isUtf8(bytes)) return { text: bytes.toString('utf8'), lineEnd, faults: noFaults };
  const faults = new Map<number, string>();
  for (let start = 0, place = 0; start < bytes.length; place += 1) {
    const end = bytes.indexOf(lineEnd, start);
    const line = bytes.subarray(start, end === -1 ? bytes.length : end);
    if (!isUtf8(line)) {
      const [before = ''] = line.toString('utf8').split('\uFFFD', 1);
      faults.set(place, `the line is not UTF-8 (column ${[...before].length + 1}); save the file as UTF-8`);
    }
    start += line.length + 1;
  }
  return { text: bytes.toString('utf8'), lineEnd, faults };
}

type Encoding = 'utf8' | 'utf16le' | 'utf16be';

/** The bytes of a file as UTF-8, without the mark of their order. What cannot be UTF-8 or UTF-16 stays what it is. */
async function* toUtf8(file: AsyncIterable<Buffer>, path: string): AsyncGenerator<Buffer> {
  let encoding: Encoding | undefined;
  let rest: Buffer = Buffer.alloc(0);
  for await (const bytes of file) {
    let chunk = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
    rest = Buffer.alloc(0);
    if (encoding === undefined) {
      if (chunk.length < 4) {
        rest = chunk;
        continue;
      }
      encoding = encodingOf(chunk, path);
      chunk = withoutMark(chunk);
    }
    if (encoding === 'utf8') {
      yield chunk;
      continue;
    }
    // Both halves of a pair go together.
    const whole = chunk.length - (chunk.length % 2);
    const end = isFirstHalf(chunk, whole - 2, encoding) ? whole - 2 : whole;
    rest = chunk.subarray(end);
    yield fromUtf16(chunk.subarray(0, end), encoding);
  }
  if (rest.length === 0) return;
  if (encoding === 'utf16le' || encoding === 'utf16be') yield notUtf8;
  else yield withoutMark(rest);
}

/** Stands for what is broken, so that its line is found. */
const notUtf8 = Buffer.of(0xff);

/** By the mark, or by where the zeros of the first two characters are. */
function encodingOf([a, b, c, d]: Buffer, path: string): Encoding {
  const isUtf32 =
    (a === 0xff && b === 0xfe && c === 0 && d === 0) ||
    (a === 0 && b === 0) ||
    (a !== 0 && b === 0 && c === 0 && d === 0);
  if (isUtf32) throw new OperatorError(`${path} is in UTF-32; save it as UTF-8.`);
  if ((a === 0xff && b === 0xfe) || (b === 0 && d === 0)) return 'utf16le';
  return (a === 0xfe && b === 0xff) || (a === 0 && c === 0) ? 'utf16be' : 'utf8';
}

function withoutMark(bytes: Buffer): Buffer {
  const [a, b, c] = bytes;
  if ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff)) return bytes.subarray(2);
  return a === 0xef && b === 0xbb && c === 0xbf ? bytes.subarray(3) : bytes;
}

function isFirstHalf(bytes: Buffer, at: number, encoding: Encoding): boolean {
  const high = bytes[encoding === 'utf16le' ? at + 1 : at] ?? 0;
  return high >= 0xd8 && high <= 0xdb;
}

function fromUtf16(bytes: Buffer, encoding: Encoding): Buffer {
  const text = (encoding === 'utf16le' ? bytes : Buffer.from(bytes).swap16()).toString('utf16le');
  if (!/\p{Cs}/u.test(text)) return Buffer.from(text, 'utf8');
  return Buffer.concat(
    text
      .split(/\p{Cs}/u)
      .flatMap((piece, index) => [...(index === 0 ? [] : [notUtf8]), Buffer.from(piece, 'utf8')]),
  );
}
