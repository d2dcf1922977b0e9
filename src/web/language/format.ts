import { minorDigits } from '../../platform/values/currencies';
import { readAmount } from './readAmount';

/** How numbers, sums and times are written for one locale. */
export interface Format {
  /** An amount of minor units, whole: `1,234.50 kr`. */
  amount(amountMinor: number, currency: string): string;
  /** An amount as it stands in an input: `1234.50`, `1234,50`. */
  plainAmount(amountMinor: number, currency: string): string;
  /** Minor units out of what was typed into an input; undefined where it is no amount. See {@link readAmount}. */
  readAmount(text: string, currency: string): number | undefined;
  /** An amount for the scale of a chart: `SEK 250K`, `250 tn kr`. */
  roughAmount(amountMinor: number, currency: string): string;
  /** A count in full: `12,345`. */
  count(count: number): string;
  /** A count, shortened from 10,000 on: `12.3K`, `12,3 tn`. */
  shortCount(count: number): string;
  /** A number of hours: `1 hour`, `0.5 hours`, `12 hours`. */
  hours(count: number): string;
  /** `2026-03` as `Mar 2026`. */
  month(month: string): string;
  /** A day of the calendar, `2026-03-29`, as the locale writes it. */
  day(day: string): string;
  /** An instant as date and time, in a time zone. */
  dateTime(instant: string, timeZone: string): string;
  /** The same in its two parts, between which a line may end. */
  dateAndTime(instant: string, timeZone: string): [date: string, time: string];
  /** An instant as a time to the minute, in a time zone. */
  shortTime(instant: string, timeZone: string): string;
  /** An instant as a time with seconds, in a time zone. */
  time(instant: string, timeZone: string): string;
}

/** Below this, all digits are shown. */
export const shortenFrom = 10_000;

export function createFormat(locale: string): Format {
  const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
  const short = new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits: 1 });
  const hours = new Intl.NumberFormat(locale, { style: 'unit', unit: 'hour', unitDisplay: 'long' });
  const month = new Intl.DateTimeFormat(locale, { year: 'numeric', month: 'short', timeZone: 'UTC' });
  const day = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' });
  const inZone = (style: Intl.DateTimeFormatOptions) =>
    remember((timeZone) => new Intl.DateTimeFormat(locale, { ...style, timeZone }));
  const dateTime = inZone({ dateStyle: 'medium', timeStyle: 'short' });
  const shortTime = inZone({ timeStyle: 'short' });
  const time = inZone({ timeStyle: 'medium' });
  const money = remember((currency) => {
    const digits = minorDigits(currency);
    const format = new Intl.NumberFormat(locale, { style: 'currency', currency, ...allOf(digits) });
    return (amountMinor: number) => format.format(decimalText(amountMinor, digits));
  });
  const plainMoney = remember((currency) => {
    const digits = minorDigits(currency);
    const format = new Intl.NumberFormat(locale, { useGrouping: false, ...allOf(digits) });
    return (amountMinor: number) => format.format(decimalText(amountMinor, digits));
  });
  const roughMoney = remember((currency) => {
    const style = { style: 'currency', currency } as const;
    const digits = minorDigits(currency);
    const format = new Intl.NumberFormat(locale, { ...style, notation: 'compact', minimumFractionDigits: 0 });
    return (amountMinor: number) => format.format(amountMinor / 10 ** digits);
  });
  return {
    amount: (amountMinor, currency) => money(currency)(amountMinor),
    plainAmount: (amountMinor, currency) => plainMoney(currency)(amountMinor),
    readAmount: (text, currency) => readAmount(text, currency, locale),
    roughAmount: (amountMinor, currency) => roughMoney(currency)(amountMinor),
    count: (count) => whole.format(count),
    shortCount: (count) => (Math.abs(count) < shortenFrom ? whole : short).format(count),
    hours: (count) => hours.format(count),
    month: (text) => month.format(new Date(`${text}-01T00:00:00Z`)),
    day: (text) => day.format(new Date(`${text}T00:00:00Z`)),
    dateTime: (instant, timeZone) => dateTime(timeZone).format(new Date(instant)),
    dateAndTime(instant, timeZone) {
      const parts = dateTime(timeZone).formatToParts(new Date(instant));
      const hourAt = parts.findIndex(({ type }) => type === 'hour');
      const textOf = (some: typeof parts) =>
        some
          .map(({ value }) => value)
          .join('')
          .trim();
      return [textOf(parts.slice(0, hourAt)), textOf(parts.slice(hourAt))];
    },
    shortTime: (instant, timeZone) => shortTime(timeZone).format(new Date(instant)),
    time: (instant, timeZone) => time(timeZone).format(new Date(instant)),
  };
}

/** As many decimals as ISO 4217 has, not as Intl would show. */
function allOf(digits: number): Intl.NumberFormatOptions {
  return { minimumFractionDigits: digits, maximumFractionDigits: digits };
}

/**
 * Minor units as a decimal: 123456 with two digits is `1234.56`. As a text, which Intl formats digit by digit: divided,
 * an amount near 2^53 would be rounded.
 */
export function decimalText(amountMinor: number, digits: number): `${number}` {
  const sign = amountMinor < 0 ? '-' : '';
  const text = String(Math.abs(amountMinor)).padStart(digits + 1, '0');
  const point = text.length - digits;
  return `${sign}${text.slice(0, point)}${digits === 0 ? '' : `.${text.slice(point)}`}` as `${number}`;
}

/** Formats are costly to make: one for each key is kept. */
function remember<Value>(make: (key: string) => Value): (key: string) => Value {
  const made = new Map<string, Value>();
  return (key) => {
    const value = made.get(key) ?? make(key);
    made.set(key, value);
    return value;
  };
}
