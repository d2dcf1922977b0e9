import { MultiSelect } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { useQuery } from 'urql';
import { useWords } from '../language/language';
import { caregiversByIds, findCaregivers } from './operations';
import { reportWords } from './words';

interface PickerProps {
  ids: readonly string[];
  onChange(ids: string[]): void;
}

/** Chooses caregivers out of thousands: the service searches, the browser holds twenty. */
export function CaregiverPicker({ ids, onChange }: PickerProps) {
  const words = useWords(reportWords);
  const [search, setSearch] = useState('');
  const [nameContains] = useDebouncedValue(search.trim(), 200);
  const [found] = useQuery({ query: findCaregivers, variables: { nameContains } });
  const [chosen] = useQuery({
    query: caregiversByIds,
    variables: { ids: [...ids] },
    pause: ids.length === 0,
  });

  const names = new Map<string, string>(ids.map((id) => [id, `#${id}`]));
  for (const { id, name } of [
    ...(chosen.data?.caregivers.nodes ?? []),
    ...(found.data?.caregivers.nodes ?? []),
  ]) {
    names.set(id, name);
  }
  return (
    <MultiSelect
      label={words.caregivers}
      {...(ids.length === 0 && { placeholder: words.everybody })}
      data={[...names].map(([value, label]) => ({ value, label }))}
      value={[...ids]}
      onChange={onChange}
      searchable
      searchValue={search}
      onSearchChange={setSearch}
      // The service has searched already.
      filter={({ options }) => options}
      hidePickedOptions
      nothingFoundMessage={words.nobodyFound}
      clearable
      clearButtonProps={{ 'aria-label': words.clear }}
      maxValues={1000}
    />
  );
}
