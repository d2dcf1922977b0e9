import { TextInput } from '@mantine/core';
import { type Ref, useState } from 'react';
import { useFormat, useWords } from '../language/language';
import { useStill } from '../ui/useStill';
import { firstDay, lastDay } from './choice';
import { reportWords } from './words';

interface DayInputProps {
  label: string;
  /** `2026-03-29`; undefined where the range is open. */
  day: string | undefined;
  onFocus(): void;
  onChange(day: string | undefined): void;
  input?: Ref<HTMLInputElement>;
}

/** A day, or none. What is half typed, or a day that has no report, changes nothing, and is gone when the field is left. */
export function DayInput({ label, day, onFocus, onChange, input }: DayInputProps) {
  const words = useWords(reportWords);
  const format = useFormat();
  const [draft, setDraft] = useState<string>();
  const [isOutside, setOutside] = useState(false);
  const change = (field: HTMLInputElement) => {
    const { value } = field;
    // The browser says that a field is empty while a part is missing; and of a year that is typed, 0002 comes first.
    const isWhole = !field.validity.badInput && !value.startsWith('0');
    const isInside = value === '' || (value >= firstDay && value <= lastDay);
    setDraft(isWhole && isInside ? undefined : value);
    setOutside(isWhole && !isInside);
    if (isWhole && isInside) onChange(value === '' ? undefined : value);
  };
  const leave = () => {
    setDraft(undefined);
    setOutside(false);
  };
  // The field is left by pressing something else, which must not move away.
  const isToldOutside = useStill(isOutside);
  return (
    <TextInput
      type="date"
      label={label}
      value={draft ?? day ?? ''}
      min={firstDay}
      max={lastDay}
      onFocus={onFocus}
      onChange={(event) => change(event.currentTarget)}
      onBlur={leave}
      error={isToldOutside && words.dayBetween(format.day(firstDay), format.day(lastDay))}
      {...(input && { ref: input })}
    />
  );
}
