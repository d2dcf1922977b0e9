// First, so that Monaco finds its bundled workers when it starts.
import 'graphiql/setup-workers/vite';
import 'graphiql/style.css';
import './playground.css';
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { openSocket } from '../api/socket';
import { findSignedIn } from '../session/findSignedIn';
import {
  answerToStay,
  forgetPerson,
  forgetTabToken,
  forgetToken,
  isAskedToStay,
  keepToken,
  keptOnDevice,
  takeTokenFromAddress,
} from '../session/keptTokens';
import { fetchWith, type Viewer } from '../session/token';
import { useOtherTabs } from '../session/useOtherTabs';
import { sessionWords } from '../session/words';
import { CopyLink } from './copyLink';
import { type Example, examples } from './examples';
import { type Notice, NoticeBar } from './noticeBar';
import { OpenShared } from './openShared';
import { forgetShared, keptShared, type Shared, takeSharedFromAddress } from './sharedQuery';
import { SignIn } from './signIn';
import { StayQuestion } from './stayQuestion';

interface TabContent {
  query: string | null;
  variables: string | null;
}

const tabStateKey = 'graphiql:tabState';
const examplesTimeKey = 'caretally:examplesTime';

takeSharedFromAddress();
takeTokenFromAddress();
refreshUntouchedExamples();
const tabs = examples(new Date()).map(toTab);

/** Signed in, not (and why, where anybody has tried), or not known yet. */
type Session = { token: string; viewer: Viewer } | { reason: string | undefined } | undefined;

/** The playground for whoever has signed in, and how to for everybody else. */
function Page() {
  const [session, setSession] = useState<Session>();
  const [isAsked, setAsked] = useState(false);
  const [shared, setShared] = useState(keptShared);
  const signIn = useCallback(async () => {
    const found = await findSignedIn();
    if ('viewer' in found) {
      setSession({ token: found.token, viewer: found.viewer });
      setAsked(isAskedToStay(found.token));
    } else {
      const { reason } = found;
      setSession({ reason: reason === 'noAnswer' ? sessionWords.en.noAnswer : reason?.message });
    }
  }, []);
  const end = useCallback((token: string, reason: string) => {
    forgetToken(token);
    setSession({ reason });
  }, []);
  const leave = useCallback((token: string) => {
    forgetPerson(token);
    setSession({ reason: 'You have signed out.' });
  }, []);
  const tellSignedOut = useOtherTabs(
    session && 'token' in session ? session.token : undefined,
    signIn,
    leave,
  );

  useEffect(() => {
    const followLink = () => {
      takeSharedFromAddress();
      takeTokenFromAddress();
      setShared(keptShared());
      signIn();
    };
    // A link that is opened where the page is open already changes nothing but the part behind the #.
    window.addEventListener('hashchange', followLink);
    return () => window.removeEventListener('hashchange', followLink);
  }, [signIn]);

  const onOpened = useCallback(() => {
    forgetShared();
    setShared(undefined);
  }, []);

  if (!session) return null;
  const kept = keptOnDevice()?.viewer;
  const goBackToKept = () => {
    forgetTabToken();
    signIn();
  };
  if (!('token' in session)) {
    const onToken = (token: string) => {
      keepToken(token);
      signIn();
    };
    return <SignIn reason={session.reason} {...{ kept, goBackToKept, onToken }} />;
  }
  const { token, viewer } = session;
  return (
    <>
      {isAsked && (
        <StayQuestion
          {...{ viewer, kept, goBackToKept }}
          onAnswer={(stays) => {
            answerToStay(token, stays);
            setAsked(false);
          }}
        />
      )}
      <Playground
        key={token}
        {...{ token, viewer, end, shared, onOpened }}
        signOut={() => {
          leave(token);
          tellSignedOut(token);
        }}
      />
    </>
  );
}

interface PlaygroundProps {
  token: string;
  viewer: Viewer;
  /** The token is no longer accepted. */
  end(token: string, reason: string): void;
  signOut(): void;
  /** What is to be opened. */
  shared: Shared | undefined;
  onOpened(): void;
}

function Playground({ token, viewer, end, signOut, shared, onOpened }: PlaygroundProps) {
  const live = useMemo(() => openSocket(token, (reason) => end(token, reason)), [token, end]);
  const fetcher = useMemo(() => {
    const fetchSignedIn = fetchWith(token);
    return createGraphiQLFetcher({
      url: '/graphql',
      wsClient: live,
      fetch: async (input, init) => {
        const response = await fetchSignedIn(input, init);
        if (response.status === 401) end(token, 'Your sign-in has ended.');
        return response;
      },
    });
  }, [token, end, live]);
  const [opened] = useState(() => lastOpenTab() ?? tabs[0]);
  const [notice, setNotice] = useState<Notice>();
  return (
    <GraphiQL
      fetcher={fetcher}
      defaultTabs={tabs}
      initialQuery={opened?.query ?? ''}
      initialVariables={opened?.variables ?? ''}
      defaultEditorToolsVisibility="variables"
    >
      <GraphiQL.Logo>
        <h1 className="playground-title">Caretally playground</h1>
        <p className="playground-viewer">
          <span className="playground-viewer-name" title={`${viewer.name} (${viewer.role})`}>
            {viewer.name} ({viewer.role})
          </span>
          <a href="/">All pages</a>
          <button type="button" onClick={signOut}>
            Sign out
          </button>
        </p>
      </GraphiQL.Logo>
      <GraphiQL.Toolbar>
        {({ prettify, merge, copy }) => (
          <>
            {prettify}
            {merge}
            {copy}
            <CopyLink onNotice={setNotice} />
          </>
        )}
      </GraphiQL.Toolbar>
      <GraphiQL.Footer>
        <NoticeBar notice={notice} onClose={() => setNotice(undefined)} />
      </GraphiQL.Footer>
      <OpenShared shared={shared} onOpened={onOpened} onNotice={setNotice} />
    </GraphiQL>
  );
}

createRoot(elementById('playground')).render(<Page />);

function toTab({ query, variables }: Example): TabContent {
  const isEmpty = Object.keys(variables).length === 0;
  return { query, variables: isEmpty ? null : JSON.stringify(variables, null, 2) };
}

/**
 * GraphiQL keeps its tabs in localStorage from the first visit on. Examples that nobody has changed would keep their
 * dates as well, and registering an event at the time of last week is refused; so they are forgotten and made anew.
 */
function refreshUntouchedExamples(): void {
  const given = localStorage.getItem(examplesTimeKey);
  const stored = storedTabs();
  const untouched =
    given !== null && stored !== undefined && sameTabs(stored.tabs, examples(new Date(given)).map(toTab));
  if (untouched) localStorage.removeItem(tabStateKey);
  if (untouched || stored === undefined) localStorage.setItem(examplesTimeKey, new Date().toISOString());
}

function sameTabs(stored: readonly TabContent[], given: readonly TabContent[]): boolean {
  const text = (tabs: readonly TabContent[]) =>
    JSON.stringify(tabs.map((tab) => [tab.query, tab.variables || null]));
  return text(stored) === text(given);
}

function storedTabs(): { tabs: TabContent[]; activeTabIndex: number } | undefined {
  try {
    const stored = JSON.parse(localStorage.getItem(tabStateKey) ?? 'null');
    return Array.isArray(stored?.tabs) ? stored : undefined;
  } catch {
    return undefined; // Not what GraphiQL writes: it will ignore it, too.
  }
}

/**
 * GraphiQL keeps its tabs in localStorage, but it never puts the variables of the first default tab into
 * their editor (graphql/graphiql#3392), and after a reload it adds an untitled tab if only variables were
 * changed. Naming the content of the tab to open with avoids both. Where tabs are stored it must be the last
 * open one, or GraphiQL would take it for a new tab.
 */
function lastOpenTab(): TabContent | undefined {
  const stored = storedTabs();
  return stored?.tabs[stored.activeTabIndex];
}

function elementById(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (!element) throw new Error(`The page has no element #${id}`);
  return element;
}
