import { SegmentedControl, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useId } from 'react';
import { useWords } from '../language/language';
import { useSignedIn } from '../session/session';
import type { Draft } from './draft';
import { instantOf, wallClockOf } from './wallClock';
import { registerWords } from './words';

interface TimeChoiceProps {
  draft: Draft;
  onChange(change: Partial<Draft>): void;
}

/** Now, or another time; and why, where it is long ago. */
export function TimeChoice({ draft: { wallClock, lateReason }, onChange }: TimeChoiceProps) {
  const words = useWords(registerWords);
  const labelId = useId();
  const { service, viewer } = useSignedIn();
  const { timeZone, lateEntryLimitHours } = service;
  const instantMs = wallClock === undefined ? undefined : instantOf(wallClock, timeZone);
  const isLate = instantMs !== undefined && Date.now() - instantMs > lateEntryLimitHours * 3_600_000;
  const choose = (when: string) =>
    onChange({ wallClock: when === 'now' ? undefined : wallClockOf(Date.now(), timeZone) });
  return (
    <Stack gap="xs">
      <Text id={labelId} fw={500}>
        {words.time}
      </Text>
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
          error={instantMs === undefined ? words.noSuchTime : undefined}
          onChange={(event) => onChange({ wallClock: event.currentTarget.value })}
        />
      )}
      {isLate && viewer.role === 'CAREGIVER' && <Text>{words.tooLate(lateEntryLimitHours)}</Text>}
      {isLate && viewer.role !== 'CAREGIVER' && (
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
