import { Anchor, Badge, Button, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { useFormat, useWords } from '../language/language';
import { useSignedIn } from '../session/session';
import { useSayRefusal } from '../ui/useSayRefusal';
import type { QueuedEvent } from './queue';
import { registerWords } from './words';

interface QueuedEventsProps {
  queued: readonly QueuedEvent[];
  onDiscard(event: QueuedEvent): void;
  onCorrect(event: QueuedEvent): void;
}

/** What the service has not taken: because it could not be asked yet, or because it said no. */
export function QueuedEvents({ queued, onDiscard, onCorrect }: QueuedEventsProps) {
  const words = useWords(registerWords);
  if (queued.length === 0) return null;
  return (
    <section aria-labelledby="queued">
      <Title order={2} size="h3" id="queued" mb="xs">
        {words.notYet}
      </Title>
      <Stack component="ul" gap="xs" className="plain-list">
        {queued.map((event) => (
          <Paper component="li" key={event.id} withBorder p="sm">
            <QueuedRow event={event} onDiscard={() => onDiscard(event)} onCorrect={() => onCorrect(event)} />
          </Paper>
        ))}
      </Stack>
    </section>
  );
}

/** Leads to what the service has not taken, from where it cannot be seen. */
export function QueuedCount({ queued }: { queued: readonly QueuedEvent[] }) {
  const words = useWords(registerWords);
  const format = useFormat();
  if (queued.length === 0) return null;
  const refused = queued.filter(({ refusal }) => refusal !== undefined).length;
  const waiting = queued.length - refused;
  const counts = [
    waiting > 0 && words.waitingCount(format.count(waiting)),
    refused > 0 && words.refusedCount(format.count(refused)),
  ];
  return (
    <Anchor href="#queued" c={refused > 0 ? 'error' : 'dimmed'} ta="center">
      {counts.filter((count) => count !== false).join(' · ')}
    </Anchor>
  );
}

function QueuedRow({
  event: { caregiver, eventType, occurredAt, attempts, refusal },
  onDiscard,
  onCorrect,
}: {
  event: QueuedEvent;
  onDiscard(): void;
  onCorrect(): void;
}) {
  const words = useWords(registerWords);
  const format = useFormat();
  const say = useSayRefusal();
  const { service, viewer } = useSignedIn();
  const when = format.dateTime(occurredAt, service.timeZone);
  const isRefused = refusal !== undefined;
  return (
    <Stack gap="xs">
      <Group justify="space-between" wrap="nowrap" align="start">
        <div className="grow">
          <Text fw={500}>{eventType.name}</Text>
          <Text c="dimmed">{viewer.role === 'CAREGIVER' ? when : `${when} · ${caregiver.name}`}</Text>
        </div>
        <Badge variant="outline" color={isRefused ? 'red' : 'gray'} className="state">
          {isRefused ? words.refused : words.waiting}
        </Badge>
      </Group>
      {isRefused && <Text>{say(refusal)}</Text>}
      <Group gap="xs">
        {isRefused && (
          <Button variant="default" onClick={onCorrect} aria-label={words.correctWhat(eventType.name, when)}>
            {words.correct}
          </Button>
        )}
        {/* What has been sent may have arrived: only the service knows, and it is asked until it says so. */}
        {(isRefused || attempts === 0) && (
          <Button variant="default" onClick={onDiscard} aria-label={words.discardWhat(eventType.name, when)}>
            {words.discard}
          </Button>
        )}
      </Group>
    </Stack>
  );
}
