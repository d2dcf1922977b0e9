import { Alert, Button, Group, Text } from '@mantine/core';
import type { Refusal } from '../api/refusal';
import { useFormat, useWords } from '../language/language';
import { useSignedIn } from '../session/session';
import { useSayRefusal } from '../ui/useSayRefusal';
import type { RegisteredEvent } from './sendQueue';
import { registerWords } from './words';

/** What has just happened to an event. */
export type News =
  | { is: 'registered' | 'deleted'; event: RegisteredEvent }
  | { is: 'waiting' }
  | { is: 'refused'; reason: Refusal }
  | { is: 'notDeleted'; reason: Refusal | undefined }
  | { is: 'notKept' };

/** Says what has just happened, to screen readers too. */
export function NewsLine({ news, onUndo }: { news: News | undefined; onUndo(event: RegisteredEvent): void }) {
  const words = useWords(registerWords);
  const format = useFormat();
  const say = useSayRefusal();
  const { timeZone } = useSignedIn().service;
  const nameOf = ({ eventType, occurredAt }: RegisteredEvent) =>
    `${eventType.name}, ${format.dateTime(occurredAt, timeZone)}`;
  return (
    <div role="status">
      {news && (
        <Alert variant="outline" p="sm" color={colorOf(news)} title={words[`${news.is}News`]}>
          <Group justify="space-between" wrap="nowrap">
            <div className="grow">
              {'event' in news && <Text>{nameOf(news.event)}</Text>}
              {'reason' in news && <Text>{news.reason ? say(news.reason) : words.noConnection}</Text>}
              {news.is === 'waiting' && <Text>{words.waitingWhy}</Text>}
              {news.is === 'notKept' && <Text>{words.notKeptWhy}</Text>}
            </div>
            {news.is === 'registered' && !news.event.reimbursed && (
              <Button
                variant="default"
                flex="none"
                onClick={() => onUndo(news.event)}
                aria-label={words.undoLast}
              >
                {words.undo}
              </Button>
            )}
          </Group>
        </Alert>
      )}
    </div>
  );
}

function colorOf({ is }: News): string {
  if (is === 'registered' || is === 'deleted') return 'teal';
  return is === 'waiting' ? 'gray' : 'red';
}
