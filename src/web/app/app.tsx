import { Container, getDefaultZIndex, MantineProvider, Modal, Paper, Title } from '@mantine/core';
import { useEffect, useRef } from 'react';
import { Route, Switch, useLocation } from 'wouter';
import { LanguageProvider, useWords } from '../language/language';
import { SessionProvider, useSession } from '../session/session';
import { SignIn } from '../session/signIn';
import { StayQuestion } from '../session/stayQuestion';
import { sessionWords } from '../session/words';
import StartPage from '../start/startPage';
import { Header } from './header';
import { PageFrame } from './pageFrame';
import { pages } from './pages';
import { colors, theme } from './theme';
import { views } from './views';
import { appWords } from './words';

/** All pages but the playground: what is shown depends on the address. */
export function App() {
  return (
    <LanguageProvider>
      <MantineProvider theme={theme} cssVariablesResolver={colors} defaultColorScheme="auto">
        <SessionProvider>
          <SkipLink />
          <Header />
          <Container component="main" id="content" size="xl" py="lg" tabIndex={-1}>
            <Content />
          </Container>
        </SessionProvider>
      </MantineProvider>
    </LanguageProvider>
  );
}

function SkipLink() {
  const words = useWords(appWords);
  return (
    <a className="skip" href="#content">
      {words.skip}
    </a>
  );
}

/** The page at the address, for whoever has signed in. When the token ends, it stays, with a dialog in front. */
function Content() {
  const words = useWords(sessionWords);
  const { isChecking, signedIn, reason } = useSession();
  useDeafToEscape(signedIn !== undefined && reason !== undefined);
  if (isChecking) return null;
  if (!signedIn) {
    return (
      <Paper withBorder p="lg" maw={560} mx="auto" mt="xl">
        <Title order={1} size="h2" mb="md">
          {words.title}
        </Title>
        <SignIn reason={reason ?? 'nobody'} />
      </Paper>
    );
  }
  const { role, name } = signedIn.viewer;
  return (
    <>
      <Modal
        opened={reason !== undefined}
        onClose={() => undefined}
        withCloseButton={false}
        title={words.title}
        // The page may have opened drawers and dialogs of its own, and menus in them.
        zIndex={getDefaultZIndex('max')}
      >
        {reason !== undefined && <SignIn reason={reason} />}
      </Modal>
      {reason === undefined && <StayQuestion />}
      {/* Somebody else begins with a page of their own. */}
      <Routes key={`${role} ${name}`} />
    </>
  );
}

/** Keeps Escape from whatever is open below the sign-in: it would close, with what was typed into it. */
function useDeafToEscape(isDeaf: boolean): void {
  const latest = useRef(isDeaf);
  latest.current = isDeaf;
  useEffect(() => {
    const hear = (event: KeyboardEvent) => {
      if (latest.current && event.key === 'Escape') event.stopImmediatePropagation();
    };
    // From the start: of those who listen in the same place, the first one is told first.
    window.addEventListener('keydown', hear, { capture: true });
    return () => window.removeEventListener('keydown', hear, { capture: true });
  }, []);
}

function Routes() {
  const [path] = useLocation();
  const shownPath = useRef(path);
  useEffect(() => {
    // Where a link leads, the keyboard and the screen reader follow; the first page is where the browser begins.
    if (shownPath.current !== path) document.getElementById('content')?.focus();
    shownPath.current = path;
  }, [path]);
  return (
    <Switch>
      <Route path="/">
        <PageFrame name="start">
          <StartPage />
        </PageFrame>
      </Route>
      {pages.map(({ path, name }) => {
        const View = views[path];
        return (
          <Route key={path} path={path}>
            <PageFrame name={name}>{View && <View />}</PageFrame>
          </Route>
        );
      })}
      <Route>
        <PageFrame name={undefined} />
      </Route>
    </Switch>
  );
}
