import { Button, Group, Stack, Table, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { useAnswer } from '../api/answer';
import { readFromPrimary } from '../api/client';
import { useWords } from '../language/language';
import { Loaded } from '../ui/loaded';
import { Pager, useWalk } from '../ui/pager';
import { UnitSelect } from '../ui/unitSelect';
import { CaregiverDialog } from './caregiverDialog';
import { type Caregiver, caregiversQuery } from './operations';
import { adminWords } from './words';

/** Caregivers: find, create, change. */
export function CaregiversTab() {
  const words = useWords(adminWords);
  const [search, setSearch] = useState('');
  const [nameContains] = useDebouncedValue(search.trim(), 200);
  const [unitId, setUnitId] = useState<string | null>(null);
  const [edited, setEdited] = useState<Caregiver | 'new'>();
  const filter = { nameContains, ...(unitId !== null && { unitIds: [unitId] }) };
  const walk = useWalk(JSON.stringify(filter));
  const answer = useAnswer({
    query: caregiversQuery,
    variables: { filter, after: walk.after },
    context: readFromPrimary,
  });
  // What is being typed is searched for in a moment.
  const isTyping = search.trim() !== nameContains;
  return (
    <Stack>
      <Group align="end">
        <TextInput
          type="search"
          label={words.search}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
        <UnitSelect label={words.unit} placeholder={words.allUnits} value={unitId} onChange={setUnitId} />
        <Button onClick={() => setEdited('new')}>{words.newCaregiver}</Button>
      </Group>
      <Loaded answer={isTyping ? { ...answer, isStale: true } : answer}>
        {({ caregivers: { nodes, pageInfo } }) => (
          <>
            {nodes.length === 0 ? (
              <Text role="status">{words.noCaregivers}</Text>
            ) : (
              <Table.ScrollContainer minWidth={320} type="native" tabIndex={0}>
                <CaregiversTable caregivers={nodes} onEdit={setEdited} />
              </Table.ScrollContainer>
            )}
            <Pager walk={walk} pageInfo={pageInfo} />
          </>
        )}
      </Loaded>
      {edited && (
        <CaregiverDialog
          caregiver={edited === 'new' ? undefined : edited}
          onClose={(hasChanged) => {
            setEdited(undefined);
            if (hasChanged) answer.askAgain();
          }}
        />
      )}
    </Stack>
  );
}

interface CaregiversTableProps {
  caregivers: readonly Caregiver[];
  onEdit(caregiver: Caregiver): void;
}

function CaregiversTable({ caregivers, onEdit }: CaregiversTableProps) {
  const words = useWords(adminWords);
  return (
    <Table highlightOnHover aria-label={words.caregivers}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th scope="col">{words.name}</Table.Th>
          <Table.Th scope="col">{words.unit}</Table.Th>
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
        {caregivers.map((caregiver) => (
          <Table.Tr key={caregiver.id}>
            <Table.Td>{caregiver.name}</Table.Td>
            <Table.Td>{caregiver.unit?.name ?? '–'}</Table.Td>
            <Table.Td visibleFrom="sm">{caregiver.externalId ?? '–'}</Table.Td>
            <Table.Td visibleFrom="sm">{caregiver.id}</Table.Td>
            <Table.Td>
              <Button
                size="compact-sm"
                variant="default"
                aria-label={words.changeOne(caregiver.name)}
                onClick={() => onEdit(caregiver)}
              >
                {words.change}
              </Button>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
