import { Stack, Text } from '@mantine/core';
import { Amount } from './amount';

interface SumsProps {
  sums: readonly { currency: string; amount: number }[];
}

/** One sum for each currency, under each other: they are never added together. */
export function Sums({ sums }: SumsProps) {
  if (sums.length === 0) return <Text span>–</Text>;
  return (
    <Stack gap={0} component="span">
      {sums.map(({ currency, amount }) => (
        <Amount key={currency} minor={amount} currency={currency} />
      ))}
    </Stack>
  );
}
