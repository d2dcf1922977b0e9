import { Card, SimpleGrid, Text } from '@mantine/core';
import { useWords } from '../language/language';
import { Amount, Count } from '../ui/amount';
import type { Owed } from './operations';
import { payoutsWords } from './words';

/** What all that is listed comes to. */
export function Owing({ totals }: { totals: Owed['totals'] }) {
  const words = useWords(payoutsWords);
  const owed = totals.filter(({ unreimbursed }) => unreimbursed.events !== 0);
  if (owed.length === 0) return <Text>{words.nothingOwed}</Text>;
  return (
    <SimpleGrid component="section" aria-label={words.inAll} cols={{ base: 1, xs: 2, md: 4 }}>
      {owed.map(({ currency, unreimbursed }) => (
        <Card key={currency} withBorder padding="sm">
          <Text c="dimmed">{words.inAllIn(currency)}</Text>
          <Text fw={600} size="xl">
            <Amount minor={unreimbursed.amount} currency={currency} />
          </Text>
          <Text c="dimmed">
            <Count value={unreimbursed.events} text={words.events} />
          </Text>
        </Card>
      ))}
    </SimpleGrid>
  );
}
