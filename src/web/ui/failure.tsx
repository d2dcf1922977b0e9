import { Alert, Button, Group, Text } from '@mantine/core';
import type { CombinedError } from 'urql';
import { refusalOf } from '../api/refusal';
import { useWords } from '../language/language';
import { useSayRefusal } from './useSayRefusal';
import { uiWords } from './words';

/** What went wrong, and what would be right. */
export function Failure({ error, onRetry }: { error: CombinedError | string; onRetry?: () => void }) {
  const words = useWords(uiWords);
  const say = useSayRefusal();
  const said = typeof error === 'string' ? undefined : error.graphQLErrors[0];
  return (
    <Alert color="red" variant="outline" title={words.failed} role="alert">
      <Group justify="space-between">
        <Text>{typeof error === 'string' ? error : said ? say(refusalOf(said)) : words.noAnswer}</Text>
        {onRetry && (
          <Button variant="default" onClick={onRetry}>
            {words.again}
          </Button>
        )}
      </Group>
    </Alert>
  );
}
