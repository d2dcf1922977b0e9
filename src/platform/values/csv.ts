/**
 * A line of CSV as in RFC 4180, its line break included. Texts are guarded against formulas; numbers stay numbers, negative
 * ones too.
 */
export function csvLine(cells: readonly (string | number | null)[], separator = ','): string {
  return `${cells.map((cell) => (typeof cell === 'string' ? csvText(guardText(cell), separator) : (cell ?? ''))).join(separator)}\r\n`;
}

/** A text as it is, in quotes where it must have them. */
export function csvText(text: string, separator = ','): string {
  return text.includes(separator) || /["\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * Where a spreadsheet could take the rest of a text for a formula: at the beginning of the text, and behind what parts cells
 * and lines, because whoever opens the file with another separator splits the text there.
 */
const cellBegins = /(?<=^|[;,|\t\r\n])/;
/** What makes a formula of a cell, with quotes and apostrophes before it. Japanese Excel takes the wide signs for the others. */
const formula = /(?=["']*[-=+@\t\r＝＋－＠])/;
const guarded = new RegExp(`${cellBegins.source}${formula.source}`, 'g');
const unguarded = new RegExp(`${cellBegins.source}'${formula.source}`, 'g');

/**
 * A text for a CSV file that others will open in a spreadsheet: with an apostrophe in front of each formula, which makes it
 * text. Names are typed by others, and a formula could send the sheet's content anywhere. Text that looks guarded already
 * gets another apostrophe, so that {@link unguardText} always gives back what was there. The same rule is in `csvText` of
 * the SQL dialects.
 */
export function guardText(text: string): string {
  return text.replace(guarded, "'");
}

/** The text that {@link guardText} was given. */
export function unguardText(text: string): string {
  return text.replace(unguarded, '');
}
