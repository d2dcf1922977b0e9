import { MultiSelect } from '@mantine/core';
import { type ClipboardEvent, useRef, useState } from 'react';
import { useClient, useQuery } from 'urql';
import { useFormat, useWords } from '../language/language';
import {
  chosenCaregivers,
  entriesOf,
  findListed,
  maxListed,
  optionOf,
  useCaregiverSearch,
} from '../ui/caregivers';
import { uiWords } from '../ui/words';
import { reportWords } from './words';

interface PickerProps {
  ids: readonly string[];
  onChange(ids: string[]): void;
}

/** Chooses caregivers by name, external id or id, or all of a list that is pasted. */
export function CaregiverPicker({ ids, onChange }: PickerProps) {
  const words = useWords(reportWords);
  const ui = useWords(uiWords);
  const { search, setSearch, isSearching, options } = useCaregiverSearch();
  const [chosen] = useQuery({
    query: chosenCaregivers,
    variables: { ids: [...ids] },
    pause: ids.length === 0,
  });
  const { problem, paste, forget } = usePastedList(ids, onChange);

  const labels = new Map<string, string>(ids.map((id) => [id, `#${id}`]));
  for (const caregiver of chosen.data?.caregivers.nodes ?? []) {
    if (labels.has(caregiver.id)) labels.set(caregiver.id, optionOf(caregiver).label);
  }
  for (const { value, label } of options) labels.set(value, label);
  return (
    <MultiSelect
      label={words.caregivers}
      {...(ids.length === 0 && { placeholder: words.everybody })}
      error={problem}
      data={[...labels].map(([value, label]) => ({ value, label }))}
      value={[...ids]}
      onChange={(changed) => {
        forget();
        onChange(changed);
      }}
      searchable
      searchValue={search}
      onSearchChange={setSearch}
      onPaste={paste}
      // The service has searched already.
      filter={({ options }) => options}
      hidePickedOptions
      nothingFoundMessage={isSearching ? ui.searching : ui.nobodyFound}
      clearable
      clearButtonProps={{ 'aria-label': words.clear }}
      maxValues={maxListed}
    />
  );
}

/** Adds the caregivers of a pasted list to those who are chosen, and says whom it does not find. */
function usePastedList(ids: readonly string[], onChange: (ids: string[]) => void) {
  const words = useWords(reportWords);
  const ui = useWords(uiWords);
  const format = useFormat();
  const client = useClient();
  const [problem, setProblem] = useState<string>();
  // More may be chosen before the list is found.
  const latest = useRef({ ids, onChange });
  latest.current = { ids, onChange };

  const paste = async (event: ClipboardEvent) => {
    const entries = entriesOf(event.clipboardData.getData('text'));
    if (!entries) return;
    event.preventDefault();
    setProblem(undefined);
    if (entries.length + ids.length > maxListed) return setProblem(words.tooMany(format.count(maxListed)));
    try {
      const { ids: found, missing } = await findListed(client, entries);
      if (found.length > 0) latest.current.onChange([...new Set([...latest.current.ids, ...found])]);
      if (missing.length > 0) setProblem(ui.notFound(missing.join(', ')));
    } catch {
      setProblem(ui.noAnswer);
    }
  };
  return { problem, paste, forget: () => setProblem(undefined) };
}
