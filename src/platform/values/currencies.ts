import { data } from 'currency-codes';

/**
 * What ISO 4217 has changed since the edition of its list one that the package ships (25 June 2024): the decimals of new
 * codes, and `withdrawn` for those that are no longer on it. A test says when the package has caught up.
 */
export const amendments: Readonly<Record<string, number | 'withdrawn'>> = {
  /** The Caribbean guilder, since 31 March 2025, in place of ANG. */
  XCG: 2,
  ANG: 'withdrawn',
  CUC: 'withdrawn',
  /** The Arab accounting dinar, since 12 May 2025. */
  XAD: 2,
  /** Bulgaria has had the euro since 1 January 2026. */
  BGN: 'withdrawn',
};

const digits = new Map(data.map(({ code, digits }) => [code, digits]));
const current = new Set(digits.keys());
for (const [code, change] of Object.entries(amendments)) {
  if (change === 'withdrawn') current.delete(code);
  else {
    digits.set(code, change);
    current.add(code);
  }
}

/** The codes of list one of ISO 4217, those of metals and funds included. */
export const currencies: ReadonlySet<string> = current;

/**
 * How many decimals a currency has in ISO 4217: 2 for SEK and HUF, 0 for JPY, 3 for IQD, 4 for UYW; 0 where the list says
 * that there are no minor units, as of gold. Intl has other numbers, those that people use in shops: HUF and IQD have none.
 * @returns for a code that is not on the list what Intl says, which knows old ones, or else 2
 */
export function minorDigits(currency: string): number {
  const known = digits.get(currency);
  if (known !== undefined) return known;
  if (!/^[A-Z]{3}$/.test(currency)) return 2;
  const format = new Intl.NumberFormat('en', { style: 'currency', currency });
  return format.resolvedOptions().maximumFractionDigits ?? 2;
}
