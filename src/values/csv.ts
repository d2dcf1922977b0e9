/** A line of CSV as in RFC 4180, its line break included. */
export function csvLine(cells: readonly (string | number | null)[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

function csvCell(cell: string | number | null): string {
  const text = cell === null ? '' : String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * The text of a cell that was guarded: an apostrophe before what a spreadsheet would take for a formula is not a part of
 * it.
 */
export function withoutGuard(cell: string): string {
  return cell.startsWith("'") && mayBeFormula(cell.slice(1)) ? cell.slice(1) : cell;
}

/** At the beginning, or behind what a spreadsheet may take for the end of a cell. */
function mayBeFormula(text: string): boolean {
  return /(?:^|[;,\t])\s*[-=+@\t\r\uFF1D\uFF0B\uFF0D\uFF20]/.test(text);
}
