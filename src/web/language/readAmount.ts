import { parseDecimalAmount } from '../../platform/values/money';

/**
 * Minor units out of what people type. The marks of the page's language count: `1,250.50` in English and `1 250,50` in
 * Swedish, with or without the marks between thousands, for which any space will do. What is none in that language is taken
 * as the other language writes it, as long as nobody could mean another amount by it: `1250.50` in Swedish, and not `1.250`.
 * @returns undefined where it is no amount, may be several, or has more decimals than its currency
 */
export function readAmount(text: string, currency: string, locale: string): number | undefined {
  const typed = text.trim().replaceAll(/\s/g, ' ');
  const own = marksOf(locale);
  const inOwn = toDecimal(typed, own);
  if (inOwn !== undefined) return parseDecimalAmount(inOwn, currency);
  const inOther = toDecimal(
    typed,
    own.decimal === ',' ? { decimal: '.', group: ',' } : { decimal: ',', group: ' ' },
  );
  // Three digits behind the mark may as well be thousands.
  if (inOther === undefined || /\.\d{3}$/.test(inOther)) return undefined;
  return parseDecimalAmount(inOther, currency);
}

interface Marks {
  decimal: string;
  group: string;
}

function marksOf(locale: string): Marks {
  const parts = new Intl.NumberFormat(locale).formatToParts(12_345.6);
  const mark = (type: string) => parts.find((part) => part.type === type)?.value ?? '';
  // Swedish groups by a space that does not break, which no key of a keyboard gives.
  return { decimal: mark('decimal'), group: mark('group').replace(/\s/, ' ') };
}

/** As `1250.50`; groups are of three, or in India of two before the last. */
function toDecimal(text: string, { decimal, group }: Marks): string | undefined {
  const [whole = '', fraction, ...more] = text.split(decimal);
  if (more.length > 0 || (fraction !== undefined && !/^\d+$/.test(fraction))) return undefined;
  const isGrouped = [group, ' '].some((mark) => {
    const groups = whole.split(mark);
    const last = groups.pop() ?? '';
    return (
      groups.length > 0 &&
      /^\d{3}$/.test(last) &&
      groups.every(
        (digits, at) => /^\d+$/.test(digits) && digits.length <= 3 && (at === 0 || digits.length > 1),
      ) &&
      new Set(groups.slice(1).map(({ length }) => length)).size <= 1
    );
  });
  if (!isGrouped && !/^\d+$/.test(whole)) return undefined;
  const digits = whole.replaceAll(/\D/g, '');
  return fraction === undefined ? digits : `${digits}.${fraction}`;
}
