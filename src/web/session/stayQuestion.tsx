import { Button, Group, Paper, Stack, Text } from '@mantine/core';
import { useWords } from '../language/language';
import { useSession } from './session';
import { sessionWords } from './words';

/** Asks whoever has come by a link, above the page, whether to stay signed in. Nobody must answer to go on. */
export function StayQuestion() {
  const words = useWords(sessionWords);
  const { isAsked, signedIn, kept, answer, goBackToKept } = useSession();
  if (!isAsked || !signedIn) return null;
  const { name } = signedIn.viewer;
  return (
    <Paper
      component="section"
      aria-label={kept ? words.guest(name) : words.stayQuestion}
      withBorder
      p="sm"
      mb="md"
    >
      <Group justify="space-between">
        <Stack gap={0}>
          <Text fw={500}>{kept ? words.guest(name) : words.stayQuestion}</Text>
          <Text size="sm">{kept ? words.guestWhy(kept.name) : words.stayWhy}</Text>
        </Stack>
        <Group gap="xs">
          <Button variant="default" onClick={() => answer(false)}>
            {kept ? words.goOn : words.stayOut}
          </Button>
          <Button variant={kept ? 'default' : 'filled'} onClick={kept ? goBackToKept : () => answer(true)}>
            {kept ? words.switchBack : words.stayIn}
          </Button>
        </Group>
      </Group>
    </Paper>
  );
}
