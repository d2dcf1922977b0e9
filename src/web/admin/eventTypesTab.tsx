import { Badge, Button, Group, Select, Stack, Table, Text } from '@mantine/core';
import { useState } from 'react';
import { useQuery } from 'urql';
import { readFromPrimary } from '../api/client';
import { useWords } from '../language/language';
import { Amount } from '../ui/amount';
import { Failure } from '../ui/failure';
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
  const [{ data, error }, ask] = useQuery({
    query: eventTypesQuery,
    variables: { filter: { archived: archivedFilters[shown] }, after: walk.after },
    context: readFromPrimary,
  });
  const reload = () => ask({ requestPolicy: 'network-only' });
  const eventTypes = data?.eventTypes;
  const archive = async ({ id, archived }: EventType) => {
    if (await change.send(updateEventType, { id, input: { archived: !archived } })) reload();
  };
  const remove = async ({ id }: EventType) => {
    if (await change.send(deleteEventType, { id })) reload();
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
      {error && <Failure error={error} onRetry={reload} />}
      {change.refusal && <Failure error={change.refusal.error} />}
      {eventTypes?.nodes.length === 0 && <Text>{words.noEventTypes}</Text>}
      {eventTypes && eventTypes.nodes.length > 0 && (
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
              {eventTypes.nodes.map((eventType) => (
                <Row
                  key={eventType.id}
                  eventType={eventType}
                  isSending={change.isSending}
                  onEdit={() => setEdited(eventType)}
                  onArchive={() => archive(eventType)}
                  onDelete={() => remove(eventType)}
                />
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      <Pager walk={walk} pageInfo={eventTypes?.pageInfo} />
      {edited && (
        <EventTypeDialog
          eventType={edited === 'new' ? undefined : edited}
          onClose={(hasChanged) => {
            setEdited(undefined);
            if (hasChanged) reload();
          }}
        />
      )}
    </Stack>
  );
}

interface RowProps {
  eventType: EventType;
  isSending: boolean;
  onEdit(): void;
  onArchive(): void;
  onDelete(): void;
}

function Row({ eventType, isSending, onEdit, onArchive, onDelete }: RowProps) {
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
          <Button {...small} onClick={onEdit} aria-label={words.changeOne(name)}>
            {words.change}
          </Button>
          <Button
            {...small}
            onClick={onArchive}
            aria-label={archived ? words.takeBackOne(name) : words.archiveOne(name)}
          >
            {archived ? words.takeBack : words.archive}
          </Button>
          <Button {...small} onClick={onDelete} aria-label={words.deleteOne(name)}>
            {words.delete}
          </Button>
        </Group>
      </Table.Td>
    </Table.Tr>
  );
}
