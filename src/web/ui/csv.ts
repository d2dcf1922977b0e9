import { csvText, guardText, unguardText } from '../../platform/values/csv';
import { minorDigits } from '../../platform/values/currencies';
import { decimalText } from '../language/format';

/** The cells of each line of a CSV text; quoted ones may hold commas, line breaks and doubled quotes. */
export function parseCsv(text: string): string[][] {
  const lines: string[][] = [];
  let line: string[] = [];
  for (const [, quoted, plain = '', end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    // Behind the last line break there is nothing.
    if (end === '' && line.length === 0 && quoted === undefined && plain === '') break;
    line.push(quoted?.replaceAll('""', '"') ?? plain);
    if (end === ',') continue;
    lines.push(line);
    line = [];
    if (end === '') break;
  }
  return lines;
}

/** How a spreadsheet wants a CSV file. */
export interface CsvStyle {
  separator: ',' | ';' | '\t';
  /** Without it Excel takes UTF-8 for the code page of the machine. */
  hasByteOrderMark: boolean;
  /** Amounts in kronor, dollars: `1234,50` with the mark given; else in öre, cents, as in all exports. */
  decimalMark: ',' | '.' | undefined;
}

/** A CSV text of the service, or of a page, as a spreadsheet wants it. Its amounts are in minor units. */
export function styleCsv(text: string, { separator, hasByteOrderMark, decimalMark }: CsvStyle): string {
  const [names = [], ...lines] = parseCsv(text);
  const currencyAt = names.indexOf('currency');
  const cellsOf = (line: string[]) => {
    const digits = minorDigits(line[currencyAt] ?? '');
    return line.map((cell, at) => {
      const name = names[at] ?? '';
      if (isAmount(name) && decimalMark !== undefined && cell !== '') {
        const amount = decimalText(Number(cell), digits).replace('.', decimalMark);
        return csvText(amount, separator);
      }
      return isNumber(name) ? cell : csvText(guardText(unguardText(cell)), separator);
    });
  };
  const mark = hasByteOrderMark ? '\ufeff' : '';
  return `${mark}${[names, ...lines.map(cellsOf)].map((cells) => `${cells.join(separator)}\r\n`).join('')}`;
}

/** Whether a column of this name holds minor units. */
export function isAmount(name: string): boolean {
  return /(^|_)amount$/.test(name);
}

/** Whether a column of this name holds numbers. */
export function isNumber(name: string): boolean {
  return isAmount(name) || /(^|_)events$/.test(name);
}
