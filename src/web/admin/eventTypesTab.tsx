import { Badge, Button, Group, Select, Stack, Table, Text } from '@mantine/core';
import { useState } from 'react';
import { useAnswer } from '../api/answer';
import { readFromPrimary } from '../api/client';
import { useWords } from '../language/language';
import { Amount } from '../ui/amount';
import { Confirm } from '../ui/confirm';
import { Failure } from '../ui/failure';
import { Loaded } from '../ui/loaded';
import { Pager, useWalk } from '../ui/pager';
import { EventTypeDialog } from './eventTypeDialog';
import { deleteEventType, type EventType, eventTypesQuery, updateEventType } from './operations';
import { useChange } from './useChange';
import { adminWords } from './words';

const archivedFilters = { used: false, archived: true, both: null };
type Shown = keyof typeof archivedFilters;

/** Event types: create, rename, give new sums, archive and take back, delete while unused. */
export function EventTypesTab() {
  const words = useWords(adminWords);
  const [shown, setShown] = useState<Shown>('used');
  const [edited, setEdited] = useState<EventType | 'new'>();
  const change = useChange();
  const walk = useWalk(shown);
  const answer = useAnswer({
    query: eventTypesQuery,
    variables: { filter: { archived: archivedFilters[shown] }, after: walk.after },
    context: readFromPrimary,
  });
  const [asked, setAsked] = useState<{ eventType: EventType; action: 'archive' | 'delete' }>();
  const ask = (eventType: EventType, action: 'archive' | 'delete') => {
    change.forget();
    setAsked({ eventType, action });
  };
  const takeBack = async ({ id }: EventType) => {
    if (await change.send(updateEventType, { id, input: { archived: false } })) answer.askAgain();
  };
  const doAsked = async () => {
    if (!asked) return;
    const { id } = asked.eventType;
    const done =
      asked.action === 'delete'
        ? await change.send(deleteEventType, { id })
        : await change.send(updateEventType, { id, input: { archived: true } });
    if (!done) return;
    setAsked(undefined);
    answer.askAgain();
  };
  const closeAsked = () => {
    change.forget();
    setAsked(undefined);
  };
  return (
    <Stack>
      <Group align="end">
        <Select
          label={words.show}
          data={[
            { value: 'used', label: words.inUse },
            { value: 'archived', label: words.archivedOnes },
            { value: 'both', label: words.both },
          ]}
          value={shown}
          onChange={(value) => setShown((value ?? 'used') as Shown)}
          allowDeselect={false}
        />
        <Button onClick={() => setEdited('new')}>{words.newEventType}</Button>
      </Group>
      {change.refusal && !asked && <Failure error={change.refusal.error} />}
      <Loaded answer={answer}>
        {({ eventTypes: { nodes, pageInfo } }) => (
          <>
            {nodes.length === 0 ? (
              <Text>{words.noEventTypes}</Text>
            ) : (
              <EventTypesTable
                eventTypes={nodes}
                isSending={change.isSending}
                onEdit={setEdited}
                onAsk={ask}
                onTakeBack={takeBack}
              />
            )}
            <Pager walk={walk} pageInfo={pageInfo} />
          </>
        )}
      </Loaded>
      {edited && (
        <EventTypeDialog
          eventType={edited === 'new' ? undefined : edited}
          onClose={(hasChanged) => {
            setEdited(undefined);
            if (hasChanged) answer.askAgain();
          }}
        />
      )}
      {asked && (
        <Confirm
          title={words[asked.action === 'delete' ? 'deleteAsk' : 'archiveAsk'](asked.eventType.name)}
          text={asked.action === 'delete' ? words.deleteWhy : words.archiveWhy}
          action={words[asked.action]}
          isSending={change.isSending}
          error={change.refusal?.error}
          onConfirm={doAsked}
          onClose={closeAsked}
        />
      )}
    </Stack>
  );
}

interface RowActions {
  isSending: boolean;
  onEdit(eventType: EventType): void;
  onAsk(eventType: EventType, action: 'archive' | 'delete'): void;
  onTakeBack(eventType: EventType): void;
}

function EventTypesTable({ eventTypes, ...actions }: RowActions & { eventTypes: readonly EventType[] }) {
  const words = useWords(adminWords);
  return (
    <Table.ScrollContainer minWidth={320} type="native" tabIndex={0}>
      <Table highlightOnHover aria-label={words.eventTypes}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">{words.name}</Table.Th>
            <Table.Th scope="col" className="number">
              {words.amount}
            </Table.Th>
            <Table.Th scope="col" visibleFrom="sm">
              {words.externalId}
            </Table.Th>
            <Table.Th scope="col" visibleFrom="sm">
              {words.id}
            </Table.Th>
            <Table.Th scope="col">{words.more}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {eventTypes.map((eventType) => (
            <Row key={eventType.id} eventType={eventType} {...actions} />
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Row({ eventType, isSending, onEdit, onAsk, onTakeBack }: RowActions & { eventType: EventType }) {
  const words = useWords(adminWords);
  const { id, name, amount, currency, externalId, archived } = eventType;
  const small = { size: 'compact-sm', variant: 'default', disabled: isSending } as const;
  return (
    <Table.Tr>
      <Table.Td>
        {name}{' '}
        {archived && (
          <Badge variant="default" tt="none">
            {words.archived}
          </Badge>
        )}
      </Table.Td>
      <Table.Td className="number">
        <Amount minor={amount} currency={currency} />
      </Table.Td>
      <Table.Td visibleFrom="sm">{externalId ?? '–'}</Table.Td>
      <Table.Td visibleFrom="sm">{id}</Table.Td>
      <Table.Td>
        <Group gap="xs">
          <Button {...small} onClick={() => onEdit(eventType)} aria-label={words.changeOne(name)}>
            {words.change}
          </Button>
          <Button
            {...small}
            onClick={() => (archived ? onTakeBack(eventType) : onAsk(eventType, 'archive'))}
            aria-label={archived ? words.takeBackOne(name) : words.archiveOne(name)}
          >
            {archived ? words.takeBack : words.archive}
          </Button>
          <Button {...small} onClick={() => onAsk(eventType, 'delete')} aria-label={words.deleteOne(name)}>
            {words.delete}
          </Button>
        </Group>
      </Table.Td>
    </Table.Tr>
  );
}
