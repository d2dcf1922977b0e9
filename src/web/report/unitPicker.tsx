import { MultiSelect } from '@mantine/core';
import { useQuery } from 'urql';
import { useWords } from '../language/language';
import { foldedFilter } from '../ui/foldedFilter';
import { allUnits } from './operations';
import { reportWords } from './words';

interface PickerProps {
  ids: readonly string[];
  onChange(ids: string[]): void;
}

/** Chooses units, of which there are few enough to load them all. */
export function UnitPicker({ ids, onChange }: PickerProps) {
  const words = useWords(reportWords);
  const [{ data }] = useQuery({ query: allUnits });
  const names = new Map<string, string>(ids.map((id) => [id, `#${id}`]));
  for (const { id, name } of data?.units.nodes ?? []) names.set(id, `${name} (${id})`);
  return (
    <MultiSelect
      label={words.units}
      {...(ids.length === 0 && { placeholder: words.allUnits })}
      data={[...names].map(([value, label]) => ({ value, label }))}
      value={[...ids]}
      onChange={onChange}
      searchable
      filter={foldedFilter}
      limit={50}
      hidePickedOptions
      nothingFoundMessage={words.noUnitFound}
      clearable
      clearButtonProps={{ 'aria-label': words.clear }}
    />
  );
}
