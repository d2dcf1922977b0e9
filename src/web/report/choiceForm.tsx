import { Fieldset, NativeSelect, SimpleGrid } from '@mantine/core';
import { useRef } from 'react';
import { useWords } from '../language/language';
import { CaregiverPicker } from './caregiverPicker';
import { type Choice, type Preset, presetDays, presetOf, presets } from './choice';
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
          earliest={undefined}
          latest={choice.to}
          onChange={(from) => change({ from })}
          input={fromInput}
        />
        <DayInput
          label={words.to}
          day={choice.to}
          earliest={choice.from}
          latest={undefined}
          onChange={(to) => change({ to })}
        />
      </SimpleGrid>
    </Fieldset>
  );
}
