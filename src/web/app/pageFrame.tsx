import { Anchor, Button, Loader, Stack, Text, Title } from '@mantine/core';
import { Component, type ReactNode, Suspense, useEffect } from 'react';
import { Link } from 'wouter';
import { useWords } from '../language/language';
import { useSignedIn } from '../session/session';
import { roleWords } from '../session/words';
import { type Page, pagesFor } from './pages';
import { appWords, pageWords } from './words';

interface PageFrameProps {
  /** Which page; undefined where there is none at the address. */
  name: Page['name'] | 'start' | undefined;
  children?: ReactNode;
}

/** What all pages have in common: the title, and what is shown while they load, when they break and to the wrong role. */
export function PageFrame({ name, children }: PageFrameProps) {
  const words = useWords(appWords);
  const names = useWords(pageWords);
  const roles = useWords(roleWords);
  const { role } = useSignedIn().viewer;
  const title = name && names[name];
  useEffect(() => {
    document.title = title === undefined || name === 'start' ? 'Caretally' : `${title} · Caretally`;
  }, [title, name]);

  if (title === undefined) return <Notice title={words.noPage} />;
  const isOffered = name === 'start' || pagesFor(role).some((page) => page.name === name);
  if (!isOffered) return <Notice title={words.notYours} text={words.notYoursWhy(roles[role])} />;
  return (
    <Stack>
      <Title order={1}>{title}</Title>
      <Guard title={words.broken} text={words.brokenWhy} reload={words.reload}>
        <Suspense fallback={<Loader aria-label={words.loading} />}>{children}</Suspense>
      </Guard>
    </Stack>
  );
}

function Notice({ title, text }: { title: string; text?: string }) {
  const words = useWords(appWords);
  return (
    <Stack>
      <Title order={1}>{title}</Title>
      {text !== undefined && <Text>{text}</Text>}
      <Anchor component={Link} href="/">
        {words.toStart}
      </Anchor>
    </Stack>
  );
}

interface GuardProps {
  title: string;
  text: string;
  reload: string;
  children: ReactNode;
}

/** Shows a sentence in place of a page that fails, such as one whose script has gone with an older version. */
class Guard extends Component<GuardProps, { hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError() {
    return { hasFailed: true };
  }

  override render() {
    if (!this.state.hasFailed) return this.props.children;
    return (
      <Stack role="alert" align="start">
        <Title order={2}>{this.props.title}</Title>
        <Text>{this.props.text}</Text>
        <Button onClick={() => location.reload()}>{this.props.reload}</Button>
      </Stack>
    );
  }
}
