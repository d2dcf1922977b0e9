import { Button, Drawer, Group, Progress, Stack, Table, Text } from '@mantine/core';
import { useState } from 'react';
import type { CombinedError } from 'urql';
import { useAnswer } from '../api/answer';
import { readFromPrimary } from '../api/client';
import { useFormat, useWords } from '../language/language';
import { useSignedIn } from '../session/session';
import { Amount } from '../ui/amount';
import { type CsvStyle, styleCsv } from '../ui/csv';
import { CsvDialog } from '../ui/csvDialog';
import { Failure } from '../ui/failure';
import { Loaded } from '../ui/loaded';
import { Moment } from '../ui/moment';
import { Pager, useWalk } from '../ui/pager';
import { saveFile } from '../ui/saveFile';
import { Sums } from '../ui/sums';
import { uiWords } from '../ui/words';
import { type PaidEvent, type Payout, payoutEventsQuery } from './operations';
import { payoutCsv } from './payoutCsv';
import { payoutsWords } from './words';

interface PayoutDrawerProps {
  /** Undefined while none is open. */
  payout: Payout | undefined;
  onClose(): void;
}

/** A payout with the events that it paid, to look at and to take home. */
export function PayoutDrawer({ payout, onClose }: PayoutDrawerProps) {
  const words = useWords(payoutsWords);
  const general = useWords(uiWords);
  return (
    <Drawer
      opened={payout !== undefined}
      onClose={onClose}
      position="right"
      size="xl"
      title={payout && words.payoutNumber(payout.id)}
      closeButtonProps={{ 'aria-label': general.close }}
    >
      {payout && <PayoutDetails payout={payout} />}
    </Drawer>
  );
}

function PayoutDetails({ payout }: { payout: Payout }) {
  const words = useWords(payoutsWords);
  const format = useFormat();
  const { timeZone } = useSignedIn().service;
  const walk = useWalk(payout.id);
  const paid = useAnswer({
    query: payoutEventsQuery,
    variables: { id: payout.id, first: 50, after: walk.after },
    context: readFromPrimary,
  });
  const count = payout.totals.reduce((sum, total) => sum + total.events, 0);
  return (
    <Stack>
      <Text>{words.paidBy(payout.createdBy, format.dateTime(payout.createdAt, timeZone))}</Text>
      <Group justify="space-between">
        <Text fw={600} size="xl" component="div">
          <Sums sums={payout.totals} />
        </Text>
        <Text>{words.events(format.count(count), count)}</Text>
      </Group>
      <SaveCsv payout={payout} count={count} />
      <Loaded answer={paid}>
        {(data) => (
          <>
            <EventsTable events={data.payout?.events.nodes ?? []} />
            <Pager walk={walk} pageInfo={data.payout?.events.pageInfo} />
          </>
        )}
      </Loaded>
    </Stack>
  );
}

function EventsTable({ events }: { events: readonly PaidEvent[] }) {
  const words = useWords(payoutsWords);
  return (
    <Table.ScrollContainer minWidth={320} type="native" tabIndex={0}>
      <Table aria-label={words.eventsPaid}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">{words.caregiver}</Table.Th>
            <Table.Th scope="col">{words.time}</Table.Th>
            <Table.Th scope="col" visibleFrom="sm">
              {words.eventType}
            </Table.Th>
            <Table.Th scope="col" className="number">
              {words.sum}
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {events.map((event) => (
            <Table.Tr key={event.id}>
              <Table.Td>
                {event.caregiver.name}
                <Text hiddenFrom="sm" size="sm" c="dimmed">
                  {event.eventType.name}
                </Text>
              </Table.Td>
              <Table.Td>
                <Moment at={event.occurredAt} />
              </Table.Td>
              <Table.Td visibleFrom="sm">{event.eventType.name}</Table.Td>
              <Table.Td className="number">
                <Amount minor={event.amount} currency={event.currency} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

/** Reads all events of a payout, a thousand at a time, and saves them. */
function SaveCsv({ payout, count }: { payout: Payout; count: number }) {
  const words = useWords(payoutsWords);
  const { api } = useSignedIn();
  const [percent, setPercent] = useState<number>();
  const [error, setError] = useState<CombinedError>();
  const [isAsking, setAsking] = useState(false);
  const save = async (style?: CsvStyle) => {
    setAsking(false);
    setPercent(0);
    setError(undefined);
    try {
      const text = await payoutCsv(api.client, payout.id, (read) => setPercent((100 * read) / count));
      const styled = style ? [styleCsv(text.join(''), style)] : text;
      saveFile(new Blob(styled, { type: 'text/csv;charset=utf-8' }), `payout-${payout.id}.csv`);
    } catch (failure) {
      setError(failure as CombinedError);
    }
    setPercent(undefined);
  };
  return (
    <>
      <Group>
        <Button variant="default" onClick={() => save()} disabled={percent !== undefined}>
          {words.saveCsv}
        </Button>
        <Button variant="default" onClick={() => setAsking(true)} disabled={percent !== undefined}>
          {words.saveCsvFor}
        </Button>
      </Group>
      {isAsking && <CsvDialog onSave={save} onClose={() => setAsking(false)} />}
      {percent !== undefined && <Progress value={percent} aria-label={words.saving} />}
      {error && <Failure error={error} onRetry={() => save()} />}
    </>
  );
}
