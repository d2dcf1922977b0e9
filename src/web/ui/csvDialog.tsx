import { Button, Checkbox, Group, Modal, Radio, Stack } from '@mantine/core';
import type { FormEvent } from 'react';
import { useLanguage, useWords } from '../language/language';
import type { Language } from '../language/words';
import type { CsvStyle } from './csv';
import { uiWords } from './words';

const separators = [
  { name: 'comma', separator: ',' },
  { name: 'semicolon', separator: ';' },
  { name: 'tab', separator: '\t' },
] as const;

interface Choice {
  separator: (typeof separators)[number]['name'];
  hasByteOrderMark: boolean;
  hasMajorUnits: boolean;
}

/** What Excel reads by a double click in the language, until somebody chooses something else. */
const usual: Record<Language, Choice> = {
  en: { separator: 'comma', hasByteOrderMark: true, hasMajorUnits: true },
  sv: { separator: 'semicolon', hasByteOrderMark: true, hasMajorUnits: true },
};

const choiceKey = 'caretally:csv';

interface CsvDialogProps {
  onSave(style: CsvStyle): void;
  onClose(): void;
}

/** Asks how a spreadsheet wants its CSV file. The answer is kept for the next time. */
export function CsvDialog({ onSave, onClose }: CsvDialogProps) {
  const words = useWords(uiWords);
  const { language } = useLanguage();
  const kept = keptChoice(language);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const { name, separator } = separators.find((one) => one.name === form.get('separator')) ?? separators[0];
    const choice: Choice = {
      separator: name,
      hasByteOrderMark: form.has('byteOrderMark'),
      hasMajorUnits: form.get('amounts') === 'major',
    };
    localStorage.setItem(choiceKey, JSON.stringify(choice));
    onSave({
      separator,
      hasByteOrderMark: choice.hasByteOrderMark,
      decimalMark: choice.hasMajorUnits ? ({ en: '.', sv: ',' } as const)[language] : undefined,
    });
  };
  return (
    <Modal opened onClose={onClose} title={words.csvTitle} closeButtonProps={{ 'aria-label': words.close }}>
      <form onSubmit={submit}>
        <Stack>
          <Radio.Group name="separator" label={words.separator} defaultValue={kept.separator}>
            <Group mt={4}>
              {separators.map(({ name }) => (
                <Radio key={name} value={name} label={words[name]} />
              ))}
            </Group>
          </Radio.Group>
          <Radio.Group
            name="amounts"
            label={words.amounts}
            defaultValue={kept.hasMajorUnits ? 'major' : 'minor'}
          >
            <Stack gap={6} mt={4}>
              <Radio value="major" label={words.majorUnits} />
              <Radio value="minor" label={words.minorUnits} />
            </Stack>
          </Radio.Group>
          <Checkbox
            name="byteOrderMark"
            label={words.byteOrderMark}
            description={words.byteOrderMarkWhy}
            defaultChecked={kept.hasByteOrderMark}
          />
          <Group justify="end">
            <Button variant="default" onClick={onClose}>
              {words.cancel}
            </Button>
            <Button type="submit">{words.save}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

function keptChoice(language: Language): Choice {
  try {
    return { ...usual[language], ...JSON.parse(localStorage.getItem(choiceKey) ?? '{}') };
  } catch {
    return usual[language];
  }
}
