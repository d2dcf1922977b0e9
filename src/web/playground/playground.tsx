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
 * GraphiQL keeps its tabs in localStorage, but it never puts the variables of the first default tab into
 * their editor (graphql/graphiql#3392), and after a reload it adds an untitled tab if only variables were
 * changed. Naming the content of the tab to open with avoids both. Where tabs are stored it must be the last
 * open one, or GraphiQL would take it for a new tab.
 */
function lastOpenTab(): TabContent | undefined {
  try {
    const stored = JSON.parse(localStorage.getItem('graphiql:tabState') ?? '{}');
    return stored.tabs?.[stored.activeTabIndex];
  } catch {
    return undefined; // Not what GraphiQL writes: it will ignore it, too.
  }
}

function elementById(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (!element) throw new Error(`The page has no element #${id}`);
  return element;
}
