import { Drawer, Stack, Table, Text } from '@mantine/core';
import { useEffect, useState } from 'react';
import { type CombinedError, useClient } from 'urql';
import { useLive, useLiveQuery } from '../api/live';
import { useFormat, useWords } from '../language/language';
import { useSignedIn } from '../session/session';
import { Amount } from '../ui/amount';
import { Failure } from '../ui/failure';
import { LiveSwitch } from '../ui/liveSwitch';
import { Loaded, Loading } from '../ui/loaded';
import { Moment } from '../ui/moment';
import { Pager, useWalk } from '../ui/pager';
import { type Choice, inMonth, toFilter } from './choice';
import { findCaregiverIds } from './findCaregiverIds';
import { eventsQuery, eventsSubscription, type ReportedEvent } from './operations';
import { reportWords } from './words';

/** The sum that was pressed: of a month, or of a caregiver in it. */
export interface Picked {
  month: string;
  caregiver?: { id: string; name: string };
  /** Paid or unpaid events alone; both where it is undefined. */
  reimbursed?: boolean | undefined;
}

interface EventsDrawerProps {
  choice: Choice;
  picked: Picked | undefined;
  onClose(): void;
}

/** The events behind a sum, beside the report. */
export function EventsDrawer({ choice, picked, onClose }: EventsDrawerProps) {
  const words = useWords(reportWords);
  const format = useFormat();
  const month = picked && format.month(picked.month);
  const title =
    month &&
    (picked.caregiver ? words.eventsOfCaregiver(month, picked.caregiver.name) : words.eventsOf(month));
  return (
    <Drawer
      opened={picked !== undefined}
      onClose={onClose}
      position="right"
      size="xl"
      title={title}
      closeButtonProps={{ 'aria-label': words.close }}
    >
      {picked && <Events choice={choice} picked={picked} />}
    </Drawer>
  );
}

function Events({ choice, picked }: { choice: Choice; picked: Picked }) {
  const { caregiverIds, error } = useCaregiverIds(choice, picked);
  if (error) return <Failure error={error} />;
  return caregiverIds === 'searching' ? <Loading /> : <EventList {...{ choice, picked, caregiverIds }} />;
}

/** Whose events they are. The API lists events by caregivers, not by units, so those of the chosen units are looked up. */
function useCaregiverIds(choice: Choice, picked: Picked) {
  const client = useClient();
  const isByUnit = picked.caregiver === undefined && choice.unitIds.length > 0;
  const [found, setFound] = useState<string[]>();
  const [error, setError] = useState<CombinedError>();
  useEffect(() => {
    if (isByUnit) findCaregiverIds(client, choice).then(setFound, setError);
  }, [client, choice, isByUnit]);

  if (isByUnit) return { caregiverIds: found ?? ('searching' as const), error };
  const chosen = choice.caregiverIds.length > 0 ? [...choice.caregiverIds] : undefined;
  return { caregiverIds: picked.caregiver ? [picked.caregiver.id] : chosen, error: undefined };
}

const pageSize = 50;

interface EventListProps {
  choice: Choice;
  picked: Picked;
  caregiverIds: string[] | undefined;
}

function EventList({ choice, picked, caregiverIds }: EventListProps) {
  const words = useWords(reportWords);
  const { service } = useSignedIn();
  const {
    unitIds: _,
    caregiverIds: __,
    ...range
  } = toFilter(inMonth(choice, picked.month), service.timeZone);
  const filter = {
    ...range,
    ...(caregiverIds && { caregiverIds }),
    ...(picked.reimbursed !== undefined && { reimbursed: picked.reimbursed }),
  };
  const walk = useWalk(JSON.stringify(filter));
  const live = useLive(walk.number > 1);
  const events = useLiveQuery({
    query: eventsQuery,
    fromQuery: (data) => data.events,
    subscription: eventsSubscription,
    fromSubscription: (data) => data.eventsChanged,
    variables: { filter, first: pageSize, after: walk.after },
    isOn: live.isOn,
  });
  return (
    <Stack>
      <LiveSwitch live={live} />
      <Loaded answer={events}>
        {({ nodes, pageInfo }) => (
          <>
            {nodes.length === 0 ? (
              <Text>{words.noEvents}</Text>
            ) : (
              <Table.ScrollContainer minWidth={560} type="native" tabIndex={0} {...live.pauseOnTouch}>
                <EventsTable events={nodes} />
              </Table.ScrollContainer>
            )}
            <Pager walk={walk} pageInfo={pageInfo} />
          </>
        )}
      </Loaded>
    </Stack>
  );
}

function EventsTable({ events }: { events: readonly ReportedEvent[] }) {
  const words = useWords(reportWords);
  return (
    <Table aria-label={words.totalEvents}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th scope="col">{words.time}</Table.Th>
          <Table.Th scope="col">{words.caregiver}</Table.Th>
          <Table.Th scope="col">{words.eventType}</Table.Th>
          <Table.Th scope="col" className="number">
            {words.amount}
          </Table.Th>
          <Table.Th scope="col">{words.paid}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {events.map((event) => (
          <Table.Tr key={event.id}>
            <Table.Td>
              <Moment at={event.occurredAt} />
            </Table.Td>
            <Table.Td>{event.caregiver.name}</Table.Td>
            <Table.Td>{event.eventType.name}</Table.Td>
            <Table.Td className="number">
              <Amount minor={event.amount} currency={event.currency} />
            </Table.Td>
            <Table.Td>{event.reimbursed ? words.yes : words.no}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
