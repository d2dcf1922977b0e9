import { Alert, List, Stack, Text } from '@mantine/core';
import { refusalOf } from '../api/refusal';
import { useFormat, useWords } from '../language/language';
import { useSayRefusal } from '../ui/useSayRefusal';
import type { Outcome, Sum } from './pay';
import { payoutsWords } from './words';

/** What became of each payout: what it really came to, or why it was not made. */
export function PaymentOutcomes({ outcomes }: { outcomes: readonly Outcome[] }) {
  return (
    <Stack role="status" gap="xs">
      {outcomes.map((outcome) => (
        <PaymentOutcome
          key={`${outcome.planned.group.month} ${outcome.planned.group.caregiverIds[0]}`}
          outcome={outcome}
        />
      ))}
    </Stack>
  );
}

function PaymentOutcome({ outcome }: { outcome: Outcome }) {
  const words = useWords(payoutsWords);
  const format = useFormat();
  const say = useSayRefusal();
  const { group, sums } = outcome.planned;
  const month = group.month === 'all' ? words.allMonths : format.month(group.month);
  const asText = (list: readonly Sum[]) =>
    list
      .map(({ currency, amount, events }) =>
        words.sumOf(format.amount(amount, currency), words.events(format.count(events), events)),
      )
      .join(' + ');
  if ('payout' in outcome) {
    const { payout, differs } = outcome;
    return (
      <Alert color={differs ? 'yellow' : 'teal'} variant="outline" title={words.paid(month, payout.id)}>
        <Text>{asText(payout.totals)}</Text>
        {differs && (
          <List>
            <List.Item>{words.differs(asText(sums))}</List.Item>
          </List>
        )}
      </Alert>
    );
  }
  const isUnknown = 'error' in outcome && outcome.error.networkError !== undefined;
  const said = 'error' in outcome ? outcome.error.graphQLErrors[0] : undefined;
  return (
    <Alert color="red" variant="outline" title={isUnknown ? words.unknown(month) : words.notPaid(month)}>
      <Text>{'notSent' in outcome ? words.notSent : said ? say(refusalOf(said)) : words.unknownWhy}</Text>
    </Alert>
  );
}
