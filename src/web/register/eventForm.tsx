import { Button, Paper, Stack } from '@mantine/core';
import type { FormEvent, ReactNode } from 'react';
import { useWords } from '../language/language';
import { useSignedIn } from '../session/session';
import { Failure } from '../ui/failure';
import { Loading } from '../ui/loaded';
import { uiWords } from '../ui/words';
import { CaregiverChoice } from './caregiverChoice';
import { type Draft, wishOf } from './draft';
import { EventTypeChoice } from './eventTypeChoice';
import type { EventTypes } from './eventTypes';
import type { Wish } from './queue';
import { TimeChoice } from './timeChoice';
import { registerWords } from './words';

interface EventFormProps {
  types: EventTypes;
  draft: Draft;
  onChange(change: Partial<Draft>): void;
  onRegister(wish: Wish): void;
  /** Shown at the button, which is always in sight. */
  children: ReactNode;
}

/** What, when and, for those who may choose, whose; and one tap. */
export function EventForm({ types, draft, onChange, onRegister, children }: EventFormProps) {
  const words = useWords(registerWords);
  const ui = useWords(uiWords);
  const { viewer, service } = useSignedIn();
  const { eventTypes, hasFailed, retry } = types;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const wish = wishOf(draft, service);
    if (wish) onRegister(wish);
  };
  // As a whole: what is below the event types would move when they come.
  if (!eventTypes && !hasFailed) return <Loading />;
  return (
    <Paper component="form" onSubmit={submit} withBorder p="md">
      <Stack>
        {viewer.role !== 'CAREGIVER' && (
          <CaregiverChoice chosen={draft.caregiver} onChange={(caregiver) => onChange({ caregiver })} />
        )}
        {eventTypes && (
          <EventTypeChoice
            eventTypes={eventTypes}
            chosen={draft.eventType}
            search={draft.search}
            onChange={(eventType) => onChange({ eventType })}
            onSearch={(search) => onChange({ search })}
          />
        )}
        {!eventTypes && hasFailed && <Failure error={ui.noAnswer} onRetry={retry} />}
        <TimeChoice draft={draft} onChange={onChange} />
        <Stack gap="xs" className="register-bar">
          {children}
          <Button type="submit" size="lg" fullWidth disabled={!wishOf(draft, service)}>
            {buttonText(draft, words)}
          </Button>
        </Stack>
      </Stack>
    </Paper>
  );
}

function buttonText(
  { caregiver, eventType }: Draft,
  words: { [Name in 'register' | 'chooseCaregiver' | 'chooseType']: string },
) {
  if (!caregiver) return words.chooseCaregiver;
  return eventType ? words.register : words.chooseType;
}
