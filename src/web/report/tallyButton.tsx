import { Anchor } from '@mantine/core';
import { Amount } from '../ui/amount';

interface TallyButtonProps {
  tally: { amount: number; events: number };
  currency: string;
  /** What a press leads to, for those who do not see where the sum stands. */
  label: string;
  onPress(): void;
}

/** A sum that leads to its events; plain where there are none. */
export function TallyButton({ tally, currency, label, onPress }: TallyButtonProps) {
  const amount = <Amount minor={tally.amount} currency={currency} />;
  if (tally.events === 0) return amount;
  return (
    <Anchor component="button" type="button" inherit title={label} onClick={onPress}>
      {amount}
    </Anchor>
  );
}
