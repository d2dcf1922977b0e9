import { Fieldset, NativeSelect, SimpleGrid, TextInput } from '@mantine/core';
import { useWords } from '../language/language';
import { CaregiverPicker } from './caregiverPicker';
import { type Choice, type Preset, presetDays, presetOf, presets } from './choice';
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
  const day = (name: 'from' | 'to') => (
    <TextInput
      type="date"
      label={words[name]}
      value={choice[name] ?? ''}
      onChange={(event) => change({ [name]: event.currentTarget.value || undefined })}
    />
  );
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
            if (value !== 'anyDays') change(presetDays(value as Preset, today));
          }}
        />
        {day('from')}
        {day('to')}
      </SimpleGrid>
    </Fieldset>
  );
}
