import { TextInput } from '@mantine/core';
import { type Ref, useState } from 'react';
import { useFormat, useWords } from '../language/language';
import { firstDay, lastDay } from './choice';
import { reportWords } from './words';

interface DayInputProps {
  label: string;
  /** `2026-03-29`; undefined where the range is open. */
  day: string | undefined;
  /** Days between these are taken, both included. */
  earliest: string | undefined;
  latest: string | undefined;
  onChange(day: string | undefined): void;
  input?: Ref<HTMLInputElement>;
}

/** A day, or none. A year that is being typed is 0002 first and 0020 next: such days wait until they make sense. */
export function DayInput({
  label,
  day,
  earliest = firstDay,
  latest = lastDay,
  onChange,
  input,
}: DayInputProps) {
  const words = useWords(reportWords);
  const format = useFormat();
  const [draft, setDraft] = useState<string>();
  const change = (text: string) => {
    const isTaken = text === '' || (text >= earliest && text <= latest);
    setDraft(isTaken ? undefined : text);
    if (isTaken) onChange(text === '' ? undefined : text);
  };
  return (
    <TextInput
      type="date"
      label={label}
      value={draft ?? day ?? ''}
      min={earliest}
      max={latest}
      onChange={(event) => change(event.currentTarget.value)}
      onBlur={() => setDraft(undefined)}
      error={draft !== undefined && words.dayBetween(format.day(earliest), format.day(latest))}
      {...(input && { ref: input })}
    />
  );
}
