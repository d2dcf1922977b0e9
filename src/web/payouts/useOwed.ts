import { useEffect, useState } from 'react';
import { type CombinedError, useQuery } from 'urql';
import { readFromPrimary } from '../api/client';
import { useFollow } from '../api/live';
import { type Owed, owedQuery, owedSubscription } from './operations';

export interface OwedFilter extends Record<string, unknown> {
  caregiverIds?: string[];
  fromMonth?: string;
  toMonth?: string;
}

/** A page of what is owed: what was asked for, and while it is followed, what has become of it. */
export function useOwed(filter: OwedFilter, after: string | null, isLive: boolean) {
  const variables = { filter, after };
  const key = JSON.stringify(variables);
  const [{ data, error, fetching }, ask] = useQuery({
    query: owedQuery,
    variables,
    context: readFromPrimary,
  });
  const [shown, setShown] = useState<{ key: string; owed: Owed }>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: what came belongs to what was asked for when it came
  useEffect(() => {
    if (data && !fetching) setShown({ key, owed: data.report });
  }, [data, fetching]);
  const reload = () => ask({ requestPolicy: 'network-only' });
  useFollow(owedSubscription, variables, {
    isOn: isLive,
    onData: ({ reportChanged }) => setShown({ key, owed: reportChanged }),
    onMissed: reload,
  });
  return {
    /** Of the page before, while the one asked for has not come. */
    owed: shown?.owed,
    isOfBefore: shown !== undefined && shown.key !== key,
    error: error as CombinedError | undefined,
    reload,
  };
}
