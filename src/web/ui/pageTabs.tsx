import { Tabs } from '@mantine/core';
import type { ReactNode } from 'react';
import { useSearchParams } from 'wouter';

interface PageTabsProps<Name extends string> {
  label: string;
  /** The first one is open where the address names none. */
  tabs: readonly { name: Name; title: string; content: ReactNode }[];
}

/** The parts of a page. Which one is open stands in the address, so that a link shows the same. */
export function PageTabs<Name extends string>({ label, tabs }: PageTabsProps<Name>) {
  const [search, setSearch] = useSearchParams();
  const named = search.get('tab');
  const open = tabs.find(({ name }) => name === named) ?? tabs[0];
  return (
    <Tabs
      value={open?.name ?? null}
      onChange={(name) => name !== null && setSearch({ tab: name }, { replace: true })}
      keepMounted={false}
    >
      <Tabs.List aria-label={label} mb="md">
        {tabs.map(({ name, title }) => (
          <Tabs.Tab key={name} value={name}>
            {title}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {tabs.map(({ name, content }) => (
        <Tabs.Panel key={name} value={name}>
          {content}
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}
