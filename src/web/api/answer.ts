import { useEffect, useState } from 'react';
import { type AnyVariables, type CombinedError, type UseQueryArgs, useQuery } from 'urql';
import { useStill } from '../ui/useStill';

/** What a page has asked for, as far as it has come; `Loaded` is what people see of it. */
export interface Answer<Data> {
  /** What came last; until something comes for other variables, it is still that of the ones before. */
  data: Data | undefined;
  /** Whether what was asked for has not come yet. */
  isStale: boolean;
  /** Why it does not come. Then `data` is not that of other variables, either. */
  error: CombinedError | undefined;
  askAgain(): void;
}

/** Asks a query. While somebody presses anything, what has come so far stays. */
export function useAnswer<Data, Variables extends AnyVariables>(
  wish: UseQueryArgs<Variables, Data>,
): Answer<Data> {
  const [asked, ask] = useQuery<Data, Variables>(wish);
  const [last, setLast] = useState<{ key: string; data: Data }>();
  const key = keyOf(wish.variables);
  const askedKey = keyOf(asked.operation?.variables);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for every answer, whatever else has changed
  useEffect(() => {
    if (asked.data !== undefined) setLast({ key: askedKey, data: asked.data });
  }, [asked.data]);
  const still = useStill({ last, error: askedKey === key ? asked.error : undefined });
  return toAnswer(key, still.last, still.error, () => ask({ requestPolicy: 'network-only' }));
}

/** Tells variables apart. */
export function keyOf(variables: AnyVariables | undefined): string {
  return JSON.stringify(variables ?? {});
}

/** The answer for some variables, out of what came last and what these failed with. */
export function toAnswer<Data>(
  key: string,
  last: { key: string; data: Data } | undefined,
  error: CombinedError | undefined,
  askAgain: () => void,
): Answer<Data> {
  const isStale = last?.key !== key;
  return { data: error && isStale ? undefined : last?.data, isStale, error, askAgain };
}
