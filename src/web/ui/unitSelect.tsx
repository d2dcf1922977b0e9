import { Select } from '@mantine/core';
import type { ReactNode } from 'react';
import { useQuery } from 'urql';
import { graphql } from '../api/graphql';
import { useWords } from '../language/language';
import { foldedFilter } from './foldedFilter';
import { uiWords } from './words';

const allUnits = graphql(`
  query SelectUnit {
    units(first: 1000) { nodes { id name } }
  }
`);

interface UnitSelectProps {
  label: string;
  placeholder?: string;
  error?: ReactNode;
  isRequired?: boolean;
  value: string | null;
  onChange(id: string | null): void;
}

/** Chooses one unit, of which there are few enough to load them all. */
export function UnitSelect({
  label,
  placeholder,
  error,
  isRequired = false,
  value,
  onChange,
}: UnitSelectProps) {
  const words = useWords(uiWords);
  const [{ data }] = useQuery({ query: allUnits });
  const units = (data?.units.nodes ?? []).map(({ id, name }) => ({ value: id, label: `${name} (${id})` }));
  const isKnown = value === null || units.some((unit) => unit.value === value);
  return (
    <Select
      label={label}
      {...(placeholder !== undefined && { placeholder })}
      error={error}
      withAsterisk={isRequired}
      data={isKnown ? units : [{ value, label: `#${value}` }, ...units]}
      value={value}
      onChange={onChange}
      searchable
      filter={foldedFilter}
      limit={50}
      nothingFoundMessage={words.noUnitFound}
      clearable
      clearButtonProps={{ 'aria-label': words.clear }}
    />
  );
}
