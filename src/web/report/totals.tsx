import { Paper, SimpleGrid, Stack, Text } from '@mantine/core';
import { useWords } from '../language/language';
import { Amount, Count } from '../ui/amount';
import type { Report } from './operations';
import { reportWords } from './words';

/** What the whole report comes to, in each currency. */
export function Totals({ totals }: { totals: Report['totals'] }) {
  const words = useWords(reportWords);
  if (totals.length === 0) return <Text>{words.nothing}</Text>;
  return (
    <Stack component="section" aria-label={words.totals} gap="xs">
      {totals.map((total) => (
        <SimpleGrid key={total.currency} cols={{ base: 1, xs: 3 }}>
          {(['reimbursed', 'unreimbursed', 'total'] as const).map((name) => (
            <Paper key={name} withBorder p="sm" data-total={`${total.currency} ${name}`}>
              <Text c="dimmed">{words[name]}</Text>
              <Text fw={700} size="xl">
                <Amount minor={total[name].amount} currency={total.currency} />
              </Text>
              <Text c="dimmed">
                <Count value={total[name].events} text={words.events} />
              </Text>
            </Paper>
          ))}
        </SimpleGrid>
      ))}
    </Stack>
  );
}
