import { Button, Group, Radio, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { foldText } from '../../platform/values/text';
import { useFormat, useWords } from '../language/language';
import { Amount } from '../ui/amount';
import type { EventType } from './eventTypes';
import type { Named } from './queue';
import { registerWords } from './words';

/** What fits on a phone; the rest is found by its name. */
const shownTypesMax = 6;
const foundTypesMax = 50;

interface EventTypeChoiceProps {
  /** Most used first. */
  eventTypes: readonly EventType[];
  chosen: Named | undefined;
  search: string;
  onChange(eventType: Named): void;
  onSearch(search: string): void;
}

export function EventTypeChoice({ eventTypes, chosen, search, onChange, onSearch }: EventTypeChoiceProps) {
  const words = useWords(registerWords);
  const format = useFormat();
  const [isWhole, setWhole] = useState(false);
  const sought = foldText(search.trim());
  const matching = eventTypes.filter(({ name }) => foldText(name).includes(sought));
  const limit = isWhole ? matching.length : sought === '' ? shownTypesMax : foundTypesMax;
  const first = matching.slice(0, limit);
  const hidden =
    chosen && eventTypes.find(({ id }) => id === chosen.id && !first.some((one) => one.id === id));
  const shown = hidden ? [hidden, ...first] : first;
  return (
    <Stack gap="xs">
      {eventTypes.length > shownTypesMax && (
        <TextInput
          type="search"
          size="md"
          label={words.findType}
          value={search}
          onChange={(event) => onSearch(event.currentTarget.value)}
        />
      )}
      <Radio.Group
        label={words.eventType}
        size="md"
        value={chosen?.id ?? null}
        onChange={(id) => {
          const eventType = shown.find((candidate) => candidate.id === id);
          if (eventType) onChange({ id: eventType.id, name: eventType.name });
        }}
      >
        <Stack gap={6} mt={4}>
          {shown.map(({ id, name, amount, currency }) => (
            <Radio.Card key={id} value={id} p="sm" className="event-type">
              <Group wrap="nowrap" gap="sm">
                <Radio.Indicator />
                <Text flex={1}>{name}</Text>
                <Text c="dimmed" className="number">
                  <Amount minor={amount} currency={currency} />
                </Text>
              </Group>
            </Radio.Card>
          ))}
        </Stack>
      </Radio.Group>
      {matching.length === 0 && <Text>{words.noType}</Text>}
      {matching.length > limit && (
        <Button variant="subtle" onClick={() => setWhole(true)}>
          {words.allTypes(format.count(matching.length))}
        </Button>
      )}
    </Stack>
  );
}
