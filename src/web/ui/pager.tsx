import { Button, Group, Text } from '@mantine/core';
import { useState } from 'react';
import { useFormat, useWords } from '../language/language';
import { uiWords } from './words';

/** A walk through a list page by page, with the server's cursors. */
export interface Walk {
  /** For `after`; null for the first page. */
  after: string | null;
  number: number;
  onward(endCursor: string): void;
  back(): void;
}

/** Begins at the first page, and again whenever `list`, which names what is listed, becomes another. */
export function useWalk(list: string): Walk {
  const [walk, setWalk] = useState<{ list: string; cursors: string[] }>({ list, cursors: [] });
  const cursors = walk.list === list ? walk.cursors : [];
  return {
    after: cursors.at(-1) ?? null,
    number: cursors.length + 1,
    onward: (endCursor) => setWalk({ list, cursors: [...cursors, endCursor] }),
    back: () => setWalk({ list, cursors: cursors.slice(0, -1) }),
  };
}

interface PagerProps {
  walk: Walk;
  pageInfo: { hasNextPage: boolean; endCursor: string | null } | undefined;
}

/** Steps through the pages of a list; nothing where all of it is on one. */
export function Pager({ walk, pageInfo }: PagerProps) {
  const words = useWords(uiWords);
  const format = useFormat();
  const next = pageInfo?.hasNextPage ? pageInfo.endCursor : null;
  if (walk.number === 1 && next === null) return null;
  return (
    <Group component="nav" aria-label={words.page(format.count(walk.number))} justify="center">
      <Button variant="default" disabled={walk.number === 1} onClick={walk.back}>
        {words.back}
      </Button>
      <Text aria-live="polite">{words.page(format.count(walk.number))}</Text>
      <Button variant="default" disabled={next === null} onClick={() => next !== null && walk.onward(next)}>
        {words.onward}
      </Button>
    </Group>
  );
}
