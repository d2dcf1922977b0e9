import { Badge, Button, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { useNetwork } from '@mantine/hooks';
import { useFormat, useWords } from '../language/language';
import { useSignedIn } from '../session/session';
import { Amount } from '../ui/amount';
import { Lines, Loading } from '../ui/loaded';
import type { RegisteredEvent } from './sendQueue';
import { shownEventsMax } from './useRecentEvents';
import { dayOf } from './wallClock';
import { registerWords } from './words';

interface RecentListProps {
  /** The days that are shown, the latest first: today, yesterday and the day before. */
  days: readonly string[];
  /** Undefined until they are known. */
  events: readonly RegisteredEvent[] | undefined;
  onUndo(event: RegisteredEvent): void;
}

/** A caregiver's events of the last days, the latest first. Today is always there, the days before when there was anything. */
export function RecentList({ days, events, onUndo }: RecentListProps) {
  const words = useWords(registerWords);
  const format = useFormat();
  const { timeZone } = useSignedIn().service;
  const { online } = useNetwork();
  const latestFirst = [...(events ?? [])].sort((left, right) =>
    right.occurredAt.localeCompare(left.occurredAt),
  );
  const names = [words.today, words.yesterday];
  return (
    <Stack>
      {days.map((day, daysAgo) => {
        const ofDay = latestFirst.filter(({ occurredAt }) => dayOf(Date.parse(occurredAt), timeZone) === day);
        if (daysAgo > 0 && ofDay.length === 0) return null;
        return (
          <section key={day} aria-labelledby={`day-${day}`}>
            <Title order={2} size="h3" id={`day-${day}`} mb="xs">
              {names[daysAgo] ?? format.day(day)}
            </Title>
            {daysAgo === 0 && (
              <>
                {!online && <Text mb="xs">{words.offline}</Text>}
                {online && !events && (
                  <Loading>
                    <Lines count={2} />
                  </Loading>
                )}
                {events && ofDay.length === 0 && <Text>{words.nothingToday}</Text>}
                {latestFirst.length >= shownEventsMax && (
                  <Text>{words.onlyFirst(format.count(shownEventsMax))}</Text>
                )}
              </>
            )}
            <Stack component="ul" gap="xs" className="plain-list">
              {ofDay.map((event) => (
                <Paper component="li" key={event.id} withBorder p="sm">
                  <RecentEvent event={event} isOfToday={daysAgo === 0} onUndo={() => onUndo(event)} />
                </Paper>
              ))}
            </Stack>
          </section>
        );
      })}
    </Stack>
  );
}

interface RecentEventProps {
  event: RegisteredEvent;
  isOfToday: boolean;
  onUndo(): void;
}

function RecentEvent({ event, isOfToday, onUndo }: RecentEventProps) {
  const words = useWords(registerWords);
  const format = useFormat();
  const { timeZone } = useSignedIn().service;
  const { eventType, occurredAt, amount, currency, reimbursed } = event;
  const time = format.shortTime(occurredAt, timeZone);
  const when = isOfToday ? time : format.dateTime(occurredAt, timeZone);
  return (
    <Group wrap="nowrap" gap="sm">
      <Text className="number" fw={500}>
        {time}
      </Text>
      <div className="grow">
        <Text>{eventType.name}</Text>
        <Text c="dimmed">
          <Amount minor={amount} currency={currency} />
        </Text>
      </div>
      {reimbursed ? (
        <Badge variant="outline" className="state">
          {words.paid}
        </Badge>
      ) : (
        <Button
          variant="default"
          flex="none"
          aria-label={words.undoWhat(eventType.name, when)}
          onClick={onUndo}
        >
          {words.undo}
        </Button>
      )}
    </Group>
  );
}
