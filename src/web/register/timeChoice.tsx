import { Input, Radio, SegmentedControl, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useId } from 'react';
import { firstCharacters } from '../../platform/values/text';
import { instantsOfWallClock, offsetAt } from '../../platform/values/wallClock';
import { useFormat, useWords } from '../language/language';
import { useSignedIn } from '../session/session';
import { type Draft, isLate } from './draft';
import { momentOf } from './wallClock';
import { registerWords } from './words';

/** As many as the service takes. An input's own limit counts half of some characters as one. */
const reasonCharacters = 500;

interface TimeChoiceProps {
  draft: Draft;
  onChange(change: Partial<Draft>): void;
}

/** Now, or another time; and why, where it is long ago. */
export function TimeChoice({ draft, onChange }: TimeChoiceProps) {
  const words = useWords(registerWords);
  const format = useFormat();
  const labelId = useId();
  const { service, viewer } = useSignedIn();
  const { timeZone, lateEntryLimitHours } = service;
  const { wallClock, isLater, lateReason } = draft;
  const instants = wallClock === undefined ? [] : instantsOfWallClock(wallClock, timeZone);
  const isTooLate = isLate(draft, service);
  const choose = (when: string) =>
    onChange(when === 'now' ? { wallClock: undefined, isLater: false } : momentOf(Date.now(), timeZone));
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
          // Nothing is said while it is half typed: the field is empty then.
          error={wallClock !== '' && instants.length === 0 && words.noSuchTime}
          onChange={(event) => onChange({ wallClock: event.currentTarget.value, isLater: false })}
        />
      )}
      {instants.length > 1 && (
        <Radio.Group
          size="md"
          label={words.whichTime}
          value={isLater ? 'later' : 'earlier'}
          onChange={(which) => onChange({ isLater: which === 'later' })}
        >
          {instants.map((instantMs, place) => (
            <Radio
              key={instantMs}
              mt={4}
              value={place === 0 ? 'earlier' : 'later'}
              label={words[place === 0 ? 'earlierTime' : 'laterTime'](offsetAt(instantMs, timeZone))}
            />
          ))}
        </Radio.Group>
      )}
      {isTooLate && viewer.role === 'CAREGIVER' && (
        <Text>{words.tooLate(format.hours(lateEntryLimitHours))}</Text>
      )}
      {isTooLate && viewer.role !== 'CAREGIVER' && (
        <Textarea
          size="md"
          label={words.lateReason(format.hours(lateEntryLimitHours))}
          value={lateReason}
          autosize
          required
          onChange={(event) =>
            onChange({ lateReason: firstCharacters(event.currentTarget.value, reasonCharacters) })
          }
        />
      )}
    </Stack>
  );
}
