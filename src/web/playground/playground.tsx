// First, so that Monaco finds its bundled workers when it starts.
import 'graphiql/setup-workers/vite';
import 'graphiql/style.css';
import './playground.css';
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import { createRoot } from 'react-dom/client';
import { type Example, examples } from './examples';

interface TabContent {
  query: string | null;
  variables: string | null;
}

const tabStateKey = 'graphiql:tabState';
const examplesTimeKey = 'caretally:examplesTime';

refreshUntouchedExamples();
const tabs = examples(new Date()).map(toTab);
const opened = lastOpenTab() ?? tabs[0];

createRoot(elementById('playground')).render(
  <GraphiQL
    fetcher={createGraphiQLFetcher({ url: '/graphql' })}
    defaultTabs={tabs}
    initialQuery={opened?.query ?? ''}
    initialVariables={opened?.variables ?? ''}
    defaultEditorToolsVisibility="variables"
  >
    <GraphiQL.Logo>
      <h1 className="playground-title">Caretally playground</h1>
    </GraphiQL.Logo>
  </GraphiQL>,
);

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
