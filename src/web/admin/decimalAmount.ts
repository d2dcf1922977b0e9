/** How many decimals a currency has: 2 for SEK, 0 for JPY. A code that is none yet has as many as most. */
export function minorDigits(currency: string): number {
  try {
    const format = new Intl.NumberFormat('en', { style: 'currency', currency });
    return format.resolvedOptions().maximumFractionDigits ?? 2;
  } catch {
    return 2;
  }
}

/**
 * Minor units out of what people type, `1 250,50` or `1250.5`, without floating point.
 * @returns undefined where it is no amount, or has more decimals than its currency
 */
export function parseAmount(text: string, digits: number): number | undefined {
  const parts = /^(\d{1,16})(?:[.,](\d+))?$/.exec(text.replaceAll(/\s/g, ''));
  if (!parts) return undefined;
  const fraction = (parts[2] ?? '').replace(/0+$/, '');
  if (fraction.length > digits) return undefined;
  const amountMinor = Number(`${parts[1]}${fraction.padEnd(digits, '0')}`);
  return Number.isSafeInteger(amountMinor) ? amountMinor : undefined;
}
