import { Button, Group, Stack, Table, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useAnswer } from '../api/answer';
import { readFromPrimary } from '../api/client';
import { useWords } from '../language/language';
import { Loaded } from '../ui/loaded';
import { Pager, useWalk } from '../ui/pager';
import { FormDialog, textOf, textOrNull } from './formDialog';
import { createUnit, type Unit, unitsQuery } from './operations';
import { useChange } from './useChange';
import { adminWords } from './words';

/** Units: look and create. The service changes none. */
export function UnitsTab() {
  const words = useWords(adminWords);
  const [isCreating, setCreating] = useState(false);
  const walk = useWalk('units');
  const answer = useAnswer({
    query: unitsQuery,
    variables: { after: walk.after },
    context: readFromPrimary,
  });
  return (
    <Stack>
      <Group>
        <Button onClick={() => setCreating(true)}>{words.newUnit}</Button>
      </Group>
      <Loaded answer={answer}>
        {({ units: { nodes, pageInfo } }) => (
          <>
            {nodes.length === 0 ? <Text>{words.noUnits}</Text> : <UnitsTable units={nodes} />}
            <Pager walk={walk} pageInfo={pageInfo} />
          </>
        )}
      </Loaded>
      {isCreating && (
        <UnitDialog
          onClose={(hasChanged) => {
            setCreating(false);
            if (hasChanged) answer.askAgain();
          }}
        />
      )}
    </Stack>
  );
}

function UnitsTable({ units }: { units: readonly Unit[] }) {
  const words = useWords(adminWords);
  return (
    <Table.ScrollContainer minWidth={320} type="native" tabIndex={0}>
      <Table highlightOnHover aria-label={words.units}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">{words.name}</Table.Th>
            <Table.Th scope="col">{words.externalId}</Table.Th>
            <Table.Th scope="col">{words.id}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {units.map(({ id, name, externalId }) => (
            <Table.Tr key={id}>
              <Table.Td>{name}</Table.Td>
              <Table.Td>{externalId ?? '–'}</Table.Td>
              <Table.Td>{id}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function UnitDialog({ onClose }: { onClose(hasChanged: boolean): void }) {
  const words = useWords(adminWords);
  const change = useChange();
  const submit = async (form: FormData) => {
    const input = { name: textOf(form, 'name'), externalId: textOrNull(form, 'externalId') };
    if (await change.send(createUnit, { input })) onClose(true);
  };
  return (
    <FormDialog
      title={words.newUnit}
      action={words.create}
      change={change}
      fields={['name', 'externalId']}
      onSubmit={submit}
      onClose={() => onClose(false)}
    >
      <TextInput name="name" label={words.name} error={change.problemOf('name')} required data-autofocus />
      <TextInput
        name="externalId"
        label={words.externalId}
        description={words.externalIdWhy}
        error={change.problemOf('externalId')}
      />
    </FormDialog>
  );
}
