import writeXlsxFile, { type Cell } from 'write-excel-file/browser';
import { unguardText } from '../../platform/values/csv';
import { minorDigits } from '../../platform/values/currencies';
import { decimalText } from '../language/format';
import { isAmount, isNumber } from '../ui/csv';

/** More would stop the browser for seconds; the CSV takes any number. */
export const maxWorkbookRows = 100_000;

/** The rows of the report's CSV as a workbook: the same columns, with amounts in whole units, not in öre or cents. */
export function toWorkbook(csv: readonly string[][]): Promise<Blob> {
  const [names = [], ...lines] = csv;
  const currencyAt = names.indexOf('currency');
  const cells = lines.map((line) => {
    const digits = minorDigits(line[currencyAt] ?? '');
    return line.map((text, at): Cell => {
      const name = names[at] ?? '';
      if (isAmount(name)) return amountCell(Number(text), digits);
      return isNumber(name) ? { type: Number, value: Number(text) } : textCell(unguardText(text));
    });
  });
  const head = names.map((name): Cell => ({ ...textCell(name), fontWeight: 'bold' }));
  return writeXlsxFile([head, ...cells]).toBlob();
}

/** A spreadsheet counts with 15 digits: an amount that has more is text, and exact. */
function amountCell(amountMinor: number, digits: number): Cell {
  if (Math.abs(amountMinor) >= 1e15) return textCell(decimalText(amountMinor, digits));
  const format = digits === 0 ? '#,##0' : `#,##0.${'0'.repeat(digits)}`;
  return { type: Number, value: amountMinor / 10 ** digits, format };
}

/** A cell of type text is no formula, whatever it begins with: so it needs no apostrophe, and Excel would show one. */
function textCell(text: string) {
  return { type: String, value: escapeText(text) };
}

/**
 * In a workbook `_x0041_` stands for the character of this number, so an underscore that would begin one is written as such a
 * number itself, and so is what XML cannot hold. (ECMA-376, part 1, 22.9.2.19)
 */
function escapeText(text: string): string {
  return text
    .replace(/_(?=x[0-9a-f]{4}_)/gi, '_x005F_')
    .replace(
      /[^\t\n\P{Cc}]|[\ufffe\uffff]/gu,
      (one) => `_x${one.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`,
    )
    .replace(/\p{Cs}/gu, '\ufffd');
}
