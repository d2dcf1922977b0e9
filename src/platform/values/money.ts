import { currencies, minorDigits } from './currencies';

export { minorDigits };

/**
 * Money is an integer number of minor units (öre, cents) with its ISO 4217 currency beside it. Currencies are never
 * added together.
 */

/** Whether the text is an ISO 4217 code in capitals, such as SEK. */
export function isCurrency(text: string): boolean {
  return currencies.has(text);
}

/** 2^53−1: the largest integer that a JSON number carries exactly. */
export const maxAmountMinor = Number.MAX_SAFE_INTEGER;

/**
 * Reads a decimal text such as `146.76` as minor units, without floating point. Zeros beyond the decimals of the currency are
 * let pass, but not three of them behind the point of `1.000`, which may be a thousand.
 * @returns undefined where the text is no decimal or has more decimals than the currency
 */
export function parseDecimalAmount(text: string, currency: string): number | undefined {
  const parts = /^(\d{1,16})(?:\.(\d+))?$/.exec(text.trim());
  if (!parts) return undefined;
  const digits = minorDigits(currency);
  if (parts[2]?.length === 3 && digits < 3) return undefined;
  const fraction = (parts[2] ?? '').replace(/0+$/, '');
  if (fraction.length > digits) return undefined;
  const amountMinor = Number(`${parts[1]}${fraction.padEnd(digits, '0')}`);
  return Number.isSafeInteger(amountMinor) ? amountMinor : undefined;
}
