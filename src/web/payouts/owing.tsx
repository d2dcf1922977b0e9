import { Card, Group, Text } from '@mantine/core';
import { useFormat, useWords } from '../language/language';
import { Amount } from '../ui/amount';
import type { Owed } from './operations';
import { payoutsWords } from './words';

/** What all that is listed comes to. */
export function Owing({ totals }: { totals: Owed['totals'] }) {
  const words = useWords(payoutsWords);
  const format = useFormat();
  const owed = totals.filter(({ unreimbursed }) => unreimbursed.events !== 0);
  if (owed.length === 0) return <Text>{words.nothingOwed}</Text>;
  return (
    <Group component="section" aria-label={words.inAll}>
      {owed.map(({ currency, unreimbursed }) => (
        <Card key={currency} withBorder padding="sm" miw={180}>
          <Text c="dimmed">{words.inAllIn(currency)}</Text>
          <Text fw={600} size="xl">
            <Amount minor={unreimbursed.amount} currency={currency} />
          </Text>
          <Text c="dimmed">{words.events(format.count(unreimbursed.events), unreimbursed.events)}</Text>
        </Card>
      ))}
    </Group>
  );
}
