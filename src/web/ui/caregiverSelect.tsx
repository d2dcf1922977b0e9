import { Select } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useWords } from '../language/language';
import { useCaregiverSearch } from './caregivers';
import { uiWords } from './words';

interface CaregiverSelectProps {
  label: string;
  placeholder?: string;
  error?: ReactNode;
  isRequired?: boolean;
  value: string | null;
  onChange(id: string | null): void;
}

/** Chooses one caregiver, by name, external id or id. */
export function CaregiverSelect(props: CaregiverSelectProps) {
  const { label, placeholder, error, isRequired = false, value, onChange } = props;
  const words = useWords(uiWords);
  const [chosen, setChosen] = useState<{ value: string; label: string }>();
  const { setSearch, isSearching, options } = useCaregiverSearch(chosen?.label);
  const isFound = options.some((option) => option.value === chosen?.value);
  return (
    <Select
      label={label}
      {...(placeholder !== undefined && { placeholder })}
      error={error}
      withAsterisk={isRequired}
      data={chosen && !isFound ? [chosen, ...options] : options}
      value={value}
      onChange={(id, option) => {
        setChosen(option ?? undefined);
        onChange(id);
      }}
      searchable
      onSearchChange={setSearch}
      // The service has searched already.
      filter={({ options }) => options}
      nothingFoundMessage={isSearching ? words.searching : words.nobodyFound}
      clearable
      clearButtonProps={{ 'aria-label': words.clear }}
    />
  );
}
