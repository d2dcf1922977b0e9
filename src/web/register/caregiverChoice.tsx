import { Select, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { useQuery } from 'urql';
import { graphql } from '../api/graphql';
import { useWords } from '../language/language';
import type { Named } from './queue';
import { registerWords } from './words';

const caregiversQuery = graphql(`
  query FindCaregivers($filter: CaregiverFilter) {
    caregivers(filter: $filter, first: 20) { nodes { id name unit { name } } }
  }
`);

interface CaregiverChoiceProps {
  chosen: Named | undefined;
  onChange(caregiver: Named): void;
}

/** For those who register for others: finds a caregiver among thousands, by a part of the name. */
export function CaregiverChoice({ chosen, onChange }: CaregiverChoiceProps) {
  const words = useWords(registerWords);
  const [search, setSearch] = useState(chosen?.name ?? '');
  const [settled] = useDebouncedValue(search.trim(), 200);
  const nameContains = settled === chosen?.name ? '' : settled;
  const [{ data, fetching }] = useQuery({
    query: caregiversQuery,
    variables: { filter: nameContains === '' ? null : { nameContains } },
  });
  const found = data?.caregivers.nodes ?? [];
  const offered: (Named & { unit?: { name: string } | null })[] =
    chosen && !found.some(({ id }) => id === chosen.id) ? [chosen, ...found] : found;
  return (
    <Select
      label={words.caregiver}
      placeholder={words.findCaregiver}
      searchable
      size="md"
      data={offered.map(({ id, name }) => ({ value: id, label: name }))}
      // The service has searched already.
      filter={({ options }) => options}
      nothingFoundMessage={fetching ? words.loading : words.nobodyFound}
      value={chosen?.id ?? null}
      searchValue={search}
      onSearchChange={setSearch}
      allowDeselect={false}
      onChange={(id) => {
        const caregiver = offered.find((candidate) => candidate.id === id);
        if (caregiver) onChange({ id: caregiver.id, name: caregiver.name });
      }}
      renderOption={({ option }) => (
        <div>
          <Text>{option.label}</Text>
          <Text size="sm" c="dimmed">
            {offered.find(({ id }) => id === option.value)?.unit?.name}
          </Text>
        </div>
      )}
    />
  );
}
