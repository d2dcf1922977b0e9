import { Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { type ReactNode, useState } from 'react';
import { useQuery } from 'urql';
import { graphql } from '../api/graphql';
import { useWords } from '../language/language';
import { uiWords } from './words';

const findCaregivers = graphql(`
  query SelectCaregiver($nameContains: String) {
    caregivers(filter: { nameContains: $nameContains }, first: 20) { nodes { id name unit { name } } }
  }
`);

interface CaregiverSelectProps {
  label: string;
  placeholder?: string;
  error?: ReactNode;
  isRequired?: boolean;
  value: string | null;
  onChange(id: string | null): void;
}

/** Chooses one caregiver out of thousands: the service searches, the browser holds twenty. */
export function CaregiverSelect(props: CaregiverSelectProps) {
  const { label, placeholder, error, isRequired = false, value, onChange } = props;
  const words = useWords(uiWords);
  const [search, setSearch] = useState('');
  const [nameContains] = useDebouncedValue(search.trim(), 200);
  const [chosen, setChosen] = useState<{ value: string; label: string }>();
  // What is chosen stands in the field, and would be searched for.
  const isSearched = nameContains !== chosen?.label;
  const [{ data }] = useQuery({
    query: findCaregivers,
    variables: { nameContains: isSearched ? nameContains : '' },
  });
  const found = (data?.caregivers.nodes ?? []).map(({ id, name, unit }) => ({
    value: id,
    label: unit ? `${name} (${unit.name}, ${id})` : `${name} (${id})`,
  }));
  const isFound = found.some((option) => option.value === chosen?.value);
  return (
    <Select
      label={label}
      {...(placeholder !== undefined && { placeholder })}
      error={error}
      withAsterisk={isRequired}
      data={chosen && !isFound ? [chosen, ...found] : found}
      value={value}
      onChange={(id, option) => {
        setChosen(option ?? undefined);
        onChange(id);
      }}
      searchable
      onSearchChange={setSearch}
      // The service has searched already.
      filter={({ options }) => options}
      nothingFoundMessage={words.nobodyFound}
      clearable
      clearButtonProps={{ 'aria-label': words.clear }}
    />
  );
}
