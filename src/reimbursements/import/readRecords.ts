import { type LineEnd, maxLineBytes, type TextPart } from './readLines';

/** A record of CSV: its cells, without the blanks around them. */
export interface CsvRecord {
  cells: string[];
  /** From 1; of a record over several lines, the last. */
  line: number;
  /** Why it cannot be read. */
  problem?: string;
}

export interface RecordPart {
  records: CsvRecord[];
  bytesRead: number;
}

/** Where a file breaks the rules of CSV, so that nobody knows where its next record begins. */
export class CsvProblem extends Error {
  override readonly name = 'CsvProblem';

  /**
   * @param problem the end of a sentence
   * @param line    from 1
   * @param column  from 1, in characters
   */
  constructor(
    readonly problem: string,
    readonly line: number,
    readonly column: number,
  ) {
    super(`line ${line}, column ${column}: ${problem}`);
  }
}

/**
 * Reads the records of CSV, some at a time. Where there are no quotes, lines are records and separators part their cells,
 * which takes a third of what looking at each character does.
 * @param names those of columns, for finding out what parts them
 * @throws CsvProblem once all that comes before it has been handed out
 */
export async function* readRecords(
  parts: AsyncIterable<TextPart>,
  names: readonly string[] = [],
): AsyncGenerator<RecordPart> {
  let reader: RecordReader | undefined;
  let bytesRead = 0;
  for await (const part of parts) {
    bytesRead = part.bytesRead;
    reader ??= new RecordReader(part.lineEnd, separatorIn(part, names));
    yield { records: reader.read(part), bytesRead };
    if (reader.problem) throw reader.problem;
  }
  if (!reader) return;
  yield { records: reader.readEnd(), bytesRead };
  if (reader.problem) throw reader.problem;
}

class RecordReader {
  /** What ends the reading. */
  problem: CsvProblem | undefined;
  /** The beginning of a record that goes on behind it. */
  private rest = '';
  /** How many lines lie before the rest. */
  private lines = 0;
  /** By the number of their line. */
  private readonly faults = new Map<number, string>();
  private isFirst = true;

  constructor(
    private readonly lineEnd: LineEnd,
    private readonly separator: string,
  ) {}

  read({ text, faults }: TextPart): CsvRecord[] {
    if (faults.size > 0) {
      const before = this.lines + this.lineEndsIn(this.rest);
      for (const [place, fault] of faults) this.faults.set(before + place + 1, fault);
    }
    if (this.isFirst) {
      this.isFirst = false;
      const [line, sep] = separatorLine(text);
      if (sep !== undefined) {
        this.lines += 1;
        return this.readText(text.slice(line.length));
      }
    }
    return this.readText(this.rest + text);
  }

  readEnd(): CsvRecord[] {
    return this.rest === '' ? [] : this.readText(this.rest, true);
  }

  private readText(text: string, isEnd = false): CsvRecord[] {
    this.rest = '';
    if (!text.includes('"')) return this.splitLines(text);
    const records: CsvRecord[] = [];
    for (let at = 0; at < text.length && !this.problem; ) {
      const quote = text.indexOf('"', at);
      const lineStart = quote === -1 ? text.length : text.lastIndexOf(this.lineEnd, quote) + 1;
      // Lines before the one with the quote.
      if (lineStart > at) {
        for (const record of this.splitLines(text.slice(at, lineStart))) records.push(record);
        at = lineStart;
        continue;
      }
      const record = this.readQuoted(text, at, isEnd);
      if (!record) break;
      records.push(record.record);
      at = record.end;
    }
    return records;
  }

  private splitLines(text: string): CsvRecord[] {
    const lines = text.split(this.lineEnd);
    // Behind the last line end there is no line.
    if (lines.at(-1) === '') lines.pop();
    return lines.map((line) => {
      this.lines += 1;
      const cells = line.split(this.separator);
      for (let place = 0; place < cells.length; place += 1) cells[place] = (cells[place] as string).trim();
      return this.toRecord(cells);
    });
  }

  /**
   * Reads a record with a quote in it.
   * @returns undefined when its end is still to come, or there is none: then that is the problem
   */
  private readQuoted(
    text: string,
    start: number,
    isEnd: boolean,
  ): { record: CsvRecord; end: number } | undefined {
    const cells: string[] = [];
    for (let at = start; ; at += 1) {
      const next = this.skipBlanks(text, at);
      let end: number;
      if (text[next] === '"') {
        const cell = quotedCell(text, next);
        if (!cell) {
          if (isEnd) this.refuse(text, start, next, 'the quote that opens here is never closed');
          else if (text.length - start <= maxLineBytes) this.rest = text.slice(start);
          else
            this.refuse(
              text,
              start,
              next,
              `the quote that opens here is not closed within ${maxLineBytes.toLocaleString('en')} characters`,
            );
          return undefined;
        }
        cells.push(cell.value);
        end = this.skipBlanks(text, cell.end);
        if (end < text.length && !this.endsCell(text, end)) {
          return this.refuse(
            text,
            start,
            end,
            'behind the closing quote of a cell must come the next cell or line; write a quote inside a cell twice',
          );
        }
      } else {
        end = next;
        while (end < text.length && !this.endsCell(text, end)) end += 1;
        const cell = text.slice(at, end);
        const quote = cell.indexOf('"');
        if (quote !== -1) {
          return this.refuse(
            text,
            start,
            at + quote,
            'a quote may stand only in a cell that is in quotes itself, and there twice',
          );
        }
        cells.push(cell.trim());
      }
      at = end;
      if (text[at] === this.separator) continue;
      if (text[at] === '\r' && this.lineEnd === '\n') at += 1;
      const record = text.slice(start, at);
      const over = this.lineEndsIn(record);
      this.lines += over + 1;
      return { record: this.toRecord(cells, over), end: at + 1 };
    }
  }

  private endsCell(text: string, at: number): boolean {
    const sign = text[at];
    if (sign === '\r' && (text[at + 1] === '\n' || at + 1 === text.length)) return true;
    return sign === this.separator || sign === this.lineEnd;
  }

  /** Blanks beside a quoted cell do not belong to it. */
  private skipBlanks(text: string, from: number): number {
    let at = from;
    while ((text[at] === ' ' || text[at] === '\t') && text[at] !== this.separator) at += 1;
    return at;
  }

  /** @param over how many lines before its last one it has */
  private toRecord(cells: string[], over = 0): CsvRecord {
    const line = this.lines;
    if (this.faults.size === 0) return { cells, line };
    for (let number = line - over; number <= line; number += 1) {
      const problem = this.faults.get(number);
      if (problem === undefined) continue;
      this.faults.delete(number);
      return { cells, line, problem };
    }
    return { cells, line };
  }

  private refuse(text: string, start: number, at: number, problem: string): undefined {
    const before = text.slice(start, at).split(this.lineEnd);
    const column = [...(before.at(-1) as string)].length + 1;
    this.problem = new CsvProblem(problem, this.lines + before.length, column);
    return undefined;
  }

  private lineEndsIn(text: string): number {
    let count = 0;
    for (let at = text.indexOf(this.lineEnd); at !== -1; at = text.indexOf(this.lineEnd, at + 1)) count += 1;
    return count;
  }
}

/** @returns undefined when it does not end in this text */
function quotedCell(text: string, open: number): { value: string; end: number } | undefined {
  let value = '';
  for (let from = open + 1; ; ) {
    const quote = text.indexOf('"', from);
    if (quote === -1) return undefined;
    if (text[quote + 1] !== '"') return { value: value + text.slice(from, quote), end: quote + 1 };
    value += text.slice(from, quote + 1);
    from = quote + 2;
  }
}

const separators = [',', ';', '\t'];

/** What parts the cells of a file, by its beginning. */
function separatorIn({ text, lineEnd }: TextPart, names: readonly string[]): string {
  const [, told] = separatorLine(text);
  if (told !== undefined) return told;
  const header = text.split(lineEnd).find((line) => /[^\s,;"]/.test(line)) ?? '';
  const known = separators.map((separator) => {
    const cells = header.split(separator).map((cell) =>
      cell
        .trim()
        .replace(/^"(.*)"$/, '$1')
        .trim()
        .toLowerCase(),
    );
    return names.filter((name) => cells.includes(name)).length;
  });
  return separators[known.indexOf(Math.max(...known))] as string;
}

/** Excel's own way of saying it, in a line before the header. */
function separatorLine(text: string): [line: string, separator: string | undefined] {
  const [line = '', separator] = /^"?sep=([^"\r\n])"?[ ,;\t]*(?:\r\n|\n|\r)/i.exec(text) ?? [];
  return [line, separator];
}
