import writeXlsxFile, { type Cell } from 'write-excel-file/browser';

/** More would stop the browser for seconds; the CSV takes any number. */
export const largestWorkbookRows = 100_000;

/** The rows of the report's CSV as a workbook: the same columns, with amounts in whole units, not in öre or cents. */
export function toWorkbook(csv: readonly string[][]): Promise<Blob> {
  const [names = [], ...lines] = csv;
  const currencyAt = names.indexOf('currency');
  const cells = lines.map((line) => {
    const digits = minorDigits(line[currencyAt] ?? '');
    return line.map((text, at): Cell => {
      const name = names[at] ?? '';
      if (name.endsWith('_amount')) {
        const format = digits === 0 ? '#,##0' : `#,##0.${'0'.repeat(digits)}`;
        return { type: Number, value: Number(text) / 10 ** digits, format };
      }
      return name.endsWith('_events') ? { type: Number, value: Number(text) } : { type: String, value: text };
    });
  });
  const head = names.map((value): Cell => ({ type: String, value, fontWeight: 'bold' }));
  return writeXlsxFile([head, ...cells]).toBlob();
}

function minorDigits(currency: string): number {
  return (
    new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2
  );
}
