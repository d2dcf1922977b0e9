import { Input, SegmentedControl, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useId } from 'react';
import { useWords } from '../language/language';
import { useSignedIn } from '../session/session';
import { type Draft, isLate } from './draft';
import { instantOf, wallClockOf } from './wallClock';
import { registerWords } from './words';

interface TimeChoiceProps {
  draft: Draft;
  onChange(change: Partial<Draft>): void;
}

/** Now, or another time; and why, where it is long ago. */
export function TimeChoice({ draft, onChange }: TimeChoiceProps) {
  const words = useWords(registerWords);
  const labelId = useId();
  const { service, viewer } = useSignedIn();
  const { timeZone, lateEntryLimitHours } = service;
  const { wallClock, lateReason } = draft;
  const isWrong = wallClock !== undefined && instantOf(wallClock, timeZone) === undefined;
  const isTooLate = isLate(draft, service);
  const choose = (when: string) =>
    onChange({ wallClock: when === 'now' ? undefined : wallClockOf(Date.now(), timeZone) });
  return (
    <Stack gap="xs">
      <Input.Label labelElement="div" size="md" id={labelId}>
        {words.time}
      </Input.Label>
      <SegmentedControl
        aria-labelledby={labelId}
        size="md"
        value={wallClock === undefined ? 'now' : 'other'}
        onChange={choose}
        data={[
          { value: 'now', label: words.now },
          { value: 'other', label: words.otherTime },
        ]}
      />
      {wallClock !== undefined && (
        <TextInput
          type="datetime-local"
          size="md"
          label={words.dateAndTime(timeZone)}
          value={wallClock}
          error={isWrong && words.noSuchTime}
          onChange={(event) => onChange({ wallClock: event.currentTarget.value })}
        />
      )}
      {isTooLate && viewer.role === 'CAREGIVER' && <Text>{words.tooLate(lateEntryLimitHours)}</Text>}
      {isTooLate && viewer.role !== 'CAREGIVER' && (
        <Textarea
          size="md"
          label={words.lateReason(lateEntryLimitHours)}
          value={lateReason}
          maxLength={500}
          autosize
          required
          onChange={(event) => onChange({ lateReason: event.currentTarget.value })}
        />
      )}
    </Stack>
  );
}
