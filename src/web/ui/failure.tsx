import { Alert, Button, Group, Text } from '@mantine/core';
import type { CombinedError } from 'urql';
import { useWords } from '../language/language';
import { uiWords } from './words';

/** What went wrong, in the service's own words, which say what would be right. */
export function Failure({ error, onRetry }: { error: CombinedError | string; onRetry?: () => void }) {
  const words = useWords(uiWords);
  const said = typeof error === 'string' ? error : (error.graphQLErrors[0]?.message ?? words.noAnswer);
  return (
    <Alert color="red" variant="outline" title={words.failed} role="alert">
      <Group justify="space-between">
        <Text>{said}</Text>
        {onRetry && (
          <Button variant="default" onClick={onRetry}>
            {words.again}
          </Button>
        )}
      </Group>
    </Alert>
  );
}
