import { Button, Stack, Table, Text } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { useSubscription } from 'urql';
import { useAnswer } from '../api/answer';
import { readFromPrimary } from '../api/client';
import { useLive } from '../api/live';
import { useWords } from '../language/language';
import { Count } from '../ui/amount';
import { LiveSwitch } from '../ui/liveSwitch';
import { Loaded } from '../ui/loaded';
import { Moment } from '../ui/moment';
import { Pager, useWalk } from '../ui/pager';
import { Sums } from '../ui/sums';
import { useIsPressing } from '../ui/useStill';
import { anythingChanged, type Payout, payoutsQuery } from './operations';
import { PayoutDrawer } from './payoutDrawer';
import { payoutsWords } from './words';

/** What has been paid, the newest first; each payout opens with its events. */
export function PastTab() {
  const words = useWords(payoutsWords);
  const [opened, setOpened] = useState<Payout>();
  const walk = useWalk('payouts');
  const live = useLive(opened !== undefined || walk.number > 1);
  const payouts = useAnswer({
    query: payoutsQuery,
    variables: { after: walk.after },
    context: readFromPrimary,
  });
  // Tells at once when it begins and when it goes on, too.
  const [told] = useSubscription({ query: anythingChanged, variables: {}, pause: !live.isOn });
  const isPressing = useIsPressing();
  const answered = useRef(told.data);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for all that is told
  useEffect(() => {
    if (isPressing || !live.isOn || told.data === answered.current) return;
    answered.current = told.data;
    payouts.askAgain();
  }, [told.data, isPressing, live.isOn]);
  return (
    <Stack>
      <LiveSwitch live={live} />
      <Loaded answer={payouts}>
        {({ payouts: { nodes, pageInfo } }) => (
          <>
            {nodes.length === 0 ? (
              <Text>{words.nothingPaid}</Text>
            ) : (
              <div {...live.pauseOnTouch}>
                <Table.ScrollContainer minWidth={320} type="native" tabIndex={0}>
                  <PayoutsTable payouts={nodes} onOpen={setOpened} />
                </Table.ScrollContainer>
              </div>
            )}
            <Pager walk={walk} pageInfo={pageInfo} />
          </>
        )}
      </Loaded>
      <PayoutDrawer payout={opened} onClose={() => setOpened(undefined)} />
    </Stack>
  );
}

interface PayoutsTableProps {
  payouts: readonly Payout[];
  onOpen(payout: Payout): void;
}

function PayoutsTable({ payouts, onOpen }: PayoutsTableProps) {
  const words = useWords(payoutsWords);
  return (
    <Table highlightOnHover aria-label={words.past}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th scope="col">{words.payout}</Table.Th>
          <Table.Th scope="col">{words.when}</Table.Th>
          <Table.Th scope="col" visibleFrom="sm">
            {words.by}
          </Table.Th>
          <Table.Th scope="col" className="number count" visibleFrom="sm">
            {words.eventCount}
          </Table.Th>
          <Table.Th scope="col" className="number">
            {words.sum}
          </Table.Th>
          <Table.Th scope="col">{words.more}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {payouts.map((payout) => (
          <Table.Tr key={payout.id}>
            <Table.Td>{payout.id}</Table.Td>
            <Table.Td>
              <Moment at={payout.createdAt} />
            </Table.Td>
            <Table.Td visibleFrom="sm">{payout.createdBy}</Table.Td>
            <Table.Td className="number" visibleFrom="sm">
              <Count value={payout.totals.reduce((sum, { events }) => sum + events, 0)} />
            </Table.Td>
            <Table.Td className="number">
              <Sums sums={payout.totals} />
            </Table.Td>
            <Table.Td>
              <Button
                size="compact-sm"
                variant="default"
                aria-label={words.openPayout(payout.id)}
                onClick={() => onOpen(payout)}
              >
                {words.open}
              </Button>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
