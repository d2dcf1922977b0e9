import { VisuallyHidden } from '@mantine/core';
import { shortenFrom } from '../language/format';
import { useFormat } from '../language/language';

/** A sum of money, as it is written in the reader's language. */
export function Amount({ minor, currency }: { minor: number; currency: string }) {
  const format = useFormat();
  return <data value={minor}>{format.amount(minor, currency)}</data>;
}

interface CountProps {
  value: number;
  /** What is counted, in words around the number; they agree with the exact one. */
  text?: (count: string, exact: number) => string;
}

/** A count, shortened from 10,000 on; the exact number is in the tooltip, and is what a screen reader says. */
export function Count({ value, text = (count) => count }: CountProps) {
  const format = useFormat();
  const exact = format.count(value);
  if (value < shortenFrom) return <data value={value}>{text(exact, value)}</data>;
  return (
    <data value={value} title={exact}>
      <span aria-hidden="true">{text(format.shortCount(value), value)}</span>
      <VisuallyHidden>{text(exact, value)}</VisuallyHidden>
    </data>
  );
}
