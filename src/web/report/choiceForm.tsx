import { Fieldset, NativeSelect, SimpleGrid } from '@mantine/core';
import { useRef } from 'react';
import { useWords } from '../language/language';
import { CaregiverPicker } from './caregiverPicker';
import { type Choice, type Days, moveEnd, type Preset, presetDays, presetOf, presets } from './choice';
import { DayInput } from './dayInput';
import { UnitPicker } from './unitPicker';
import { reportWords } from './words';

interface ChoiceFormProps {
  choice: Choice;
  today: string;
  onChange(choice: Choice): void;
}

/** Whose report it is, and over which days. Every change takes effect at once. */
export function ChoiceForm({ choice, today, onChange }: ChoiceFormProps) {
  const words = useWords(reportWords);
  const change = (changed: Partial<Choice>) => onChange({ ...choice, ...changed });
  const fromInput = useRef<HTMLInputElement>(null);
  /** The days as they were when somebody came to one of their fields: what passes by while they type moves no other end. */
  const daysBefore = useRef<Days>(choice);
  const noteDays = () => {
    daysBefore.current = { from: choice.from, to: choice.to };
  };
  const move = (end: keyof Days, day: string | undefined) => change(moveEnd(daysBefore.current, end, day));
  return (
    <Fieldset legend={words.choice}>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <CaregiverPicker ids={choice.caregiverIds} onChange={(caregiverIds) => change({ caregiverIds })} />
        <UnitPicker ids={choice.unitIds} onChange={(unitIds) => change({ unitIds })} />
      </SimpleGrid>
      <SimpleGrid cols={{ base: 1, sm: 3 }} mt="sm">
        <NativeSelect
          label={words.range}
          value={presetOf(choice, today) ?? 'anyDays'}
          data={[...presets, 'anyDays' as const].map((value) => ({ value, label: words[value] }))}
          onChange={(event) => {
            const { value } = event.currentTarget;
            if (value === 'anyDays') fromInput.current?.focus();
            else change(presetDays(value as Preset, today));
          }}
        />
        <DayInput
          label={words.from}
          day={choice.from}
          onFocus={noteDays}
          onChange={(day) => move('from', day)}
          input={fromInput}
        />
        <DayInput label={words.to} day={choice.to} onFocus={noteDays} onChange={(day) => move('to', day)} />
      </SimpleGrid>
    </Fieldset>
  );
}
