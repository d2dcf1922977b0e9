import { Skeleton, Stack, VisuallyHidden } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Answer } from '../api/answer';
import { useWords } from '../language/language';
import { Failure } from './failure';
import { uiWords } from './words';

interface LoadedProps<Data> {
  answer: Answer<Data>;
  /** Takes about as much room as what will come. */
  skeleton?: ReactNode;
  children(data: Data): ReactNode;
}

/**
 * What a page has asked for: a skeleton at first; dimmed while it is that of another filter or page; and a failure, with a
 * way to try again.
 */
export function Loaded<Data>({ answer, skeleton, children }: LoadedProps<Data>) {
  const { data, isStale, error, askAgain } = answer;
  return (
    <>
      {error && <Failure error={error} onRetry={askAgain} />}
      {data !== undefined && (
        <Stack className="loaded" aria-busy={isStale}>
          {children(data)}
        </Stack>
      )}
      {data === undefined && !error && <Loading>{skeleton}</Loading>}
    </>
  );
}

/** Stands where something will be. */
export function Loading({ children = <Lines /> }: { children?: ReactNode }) {
  const words = useWords(uiWords);
  return (
    <Stack role="status" aria-busy="true">
      <VisuallyHidden>{words.loading}</VisuallyHidden>
      {children}
    </Stack>
  );
}

/** The skeleton of a list. */
export function Lines({ count = 5 }: { count?: number }) {
  return (
    <Stack gap="xs">
      {Array.from({ length: count }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: one is like the other
        <Skeleton key={index} height={36} />
      ))}
    </Stack>
  );
}
