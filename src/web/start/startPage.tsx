import { Card, SimpleGrid, Text } from '@mantine/core';
import { PageLink } from '../app/header';
import { pagesFor } from '../app/pages';
import { views } from '../app/views';
import { pageWords } from '../app/words';
import { useWords } from '../language/language';
import { useSignedIn } from '../session/session';
import { startWords } from './words';

/** The way to everything that the role may use. */
export default function StartPage() {
  const words = useWords(startWords);
  const names = useWords(pageWords);
  const { viewer, service } = useSignedIn();
  const offered = pagesFor(viewer.role).filter(({ path }) => path === '/playground' || views[path]);
  return (
    <>
      <Text>{words.welcome(viewer.name, service.timeZone)}</Text>
      <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
        {offered.map((page) => (
          <PageLink key={page.path} page={page} className="card-link">
            <Card withBorder h="100%" padding="lg">
              <Text fw={600} size="lg">
                {names[page.name]}
              </Text>
              <Text c="dimmed">{words[page.name]}</Text>
            </Card>
          </PageLink>
        ))}
      </SimpleGrid>
    </>
  );
}
