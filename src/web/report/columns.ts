import type { ReportRow } from './operations';

interface Column {
  /** What the page is sorted by; texts in the order of the reader's language. */
  key(row: ReportRow): string | number;
  /** Which sum it shows, and whose events a press leads to. */
  tally?: 'reimbursed' | 'unreimbursed' | 'total';
  shows: 'text' | 'month' | 'amount' | 'events';
}

/** The columns that the table of rows can have, in order. Their names are in the words. */
export const columns = {
  month: { key: (row) => row.month, shows: 'month' },
  caregiver: { key: (row) => row.caregiver.name, shows: 'text' },
  externalId: { key: (row) => row.caregiver.externalId ?? '', shows: 'text' },
  unit: { key: (row) => row.caregiver.unit?.name ?? '', shows: 'text' },
  currency: { key: (row) => row.currency, shows: 'text' },
  reimbursedAmount: { key: (row) => row.reimbursed.amount, tally: 'reimbursed', shows: 'amount' },
  reimbursedEvents: { key: (row) => row.reimbursed.events, tally: 'reimbursed', shows: 'events' },
  unreimbursedAmount: { key: (row) => row.unreimbursed.amount, tally: 'unreimbursed', shows: 'amount' },
  unreimbursedEvents: { key: (row) => row.unreimbursed.events, tally: 'unreimbursed', shows: 'events' },
  totalAmount: { key: (row) => row.total.amount, tally: 'total', shows: 'amount' },
  totalEvents: { key: (row) => row.total.events, tally: 'total', shows: 'events' },
} as const satisfies Record<string, Column>;

export type ColumnName = keyof typeof columns;
export const columnNames = Object.keys(columns) as ColumnName[];

const usual: readonly ColumnName[] = [
  'month',
  'caregiver',
  'unit',
  'reimbursedAmount',
  'unreimbursedAmount',
  'totalAmount',
  'totalEvents',
];

/** How the table is laid out; it stands in the address, beside the choice. */
export interface Layout {
  columns: readonly ColumnName[];
  sort: { by: ColumnName; isDescending: boolean } | undefined;
}

export function readLayout(address: URLSearchParams): Layout {
  const asked = (address.get('columns') ?? '').split(',');
  const shown = columnNames.filter((name) => asked.includes(name));
  const [, minus, by] = /^(-?)(\w+)$/.exec(address.get('sort') ?? '') ?? [];
  const known = columnNames.find((name) => name === by);
  return {
    columns: shown.length > 0 ? shown : usual,
    sort: known && { by: known, isDescending: minus === '-' },
  };
}

/** Puts a layout into an address, and leaves the rest of it as it is. */
export function writeLayout({ columns: shown, sort }: Layout, address: URLSearchParams): URLSearchParams {
  const written = new URLSearchParams(address);
  if (shown.join() === usual.join() || shown.length === 0) written.delete('columns');
  else written.set('columns', shown.join(','));
  if (sort) written.set('sort', `${sort.isDescending ? '-' : ''}${sort.by}`);
  else written.delete('sort');
  return written;
}

/** The rows of a page as the layout orders them; those that are equal stay in the order in which they came. */
export function sortRows(rows: readonly ReportRow[], { sort }: Layout, locale: string): ReportRow[] {
  if (!sort) return [...rows];
  const { key } = columns[sort.by];
  const { compare } = new Intl.Collator(locale, { numeric: true });
  const order = (one: ReportRow, other: ReportRow) => {
    const [left, right] = [key(one), key(other)];
    return typeof left === 'number' && typeof right === 'number'
      ? left - right
      : compare(`${left}`, `${right}`);
  };
  return rows.toSorted((one, other) => (sort.isDescending ? order(other, one) : order(one, other)));
}
