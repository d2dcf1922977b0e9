import { Badge, Button, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { useNetwork } from '@mantine/hooks';
import { useFormat, useWords } from '../language/language';
import { useSignedIn } from '../session/session';
import { Amount } from '../ui/amount';
import type { RegisteredEvent } from './sendQueue';
import { shownEventsMax } from './useTodaysEvents';
import { registerWords } from './words';

interface TodaysListProps {
  /** Undefined until they are known. */
  events: readonly RegisteredEvent[] | undefined;
  onUndo(event: RegisteredEvent): void;
}

/** A caregiver's events of today, the latest first. */
export function TodaysList({ events, onUndo }: TodaysListProps) {
  const words = useWords(registerWords);
  const format = useFormat();
  const { timeZone } = useSignedIn().service;
  const { online } = useNetwork();
  const latestFirst = [...(events ?? [])].sort((left, right) =>
    right.occurredAt.localeCompare(left.occurredAt),
  );
  return (
    <section aria-labelledby="today">
      <Title order={2} size="h3" id="today" mb="xs">
        {words.today}
      </Title>
      {!online && <Text mb="xs">{words.offline}</Text>}
      {online && !events && <Text>{words.loading}</Text>}
      {events?.length === 0 && <Text>{words.nothingToday}</Text>}
      {latestFirst.length >= shownEventsMax && <Text>{words.onlyFirst(format.count(shownEventsMax))}</Text>}
      <Stack component="ul" gap="xs" className="plain-list">
        {latestFirst.map((event) => (
          <Paper component="li" key={event.id} withBorder p="sm">
            <Group wrap="nowrap" gap="sm">
              <Text className="number" fw={500}>
                {format.shortTime(event.occurredAt, timeZone)}
              </Text>
              <div className="grow">
                <Text>{event.eventType.name}</Text>
                <Text c="dimmed">
                  <Amount minor={event.amount} currency={event.currency} />
                </Text>
              </div>
              {event.reimbursed ? (
                <Badge variant="outline" className="state">
                  {words.paid}
                </Badge>
              ) : (
                <Button
                  variant="default"
                  aria-label={words.undoWhat(
                    event.eventType.name,
                    format.shortTime(event.occurredAt, timeZone),
                  )}
                  onClick={() => onUndo(event)}
                >
                  {words.undo}
                </Button>
              )}
            </Group>
          </Paper>
        ))}
      </Stack>
    </section>
  );
}
