import type { TypedDocumentNode } from '@urql/core';
import { useState } from 'react';
import type { CombinedError } from 'urql';
import { readFromPrimary } from '../api/client';
import { refusalOf } from '../api/refusal';
import { useSignedIn } from '../session/session';
import { useSayRefusal } from '../ui/useSayRefusal';

/** Why a change was refused: at a field where one is to blame, else as a whole. */
export interface Refusal {
  error: CombinedError;
  field: string | undefined;
}

/** Sends changes one at a time, and keeps why the last one was refused. */
export function useChange() {
  const { api } = useSignedIn();
  const say = useSayRefusal();
  const [isSending, setSending] = useState(false);
  const [refusal, setRefusal] = useState<Refusal>();
  return {
    isSending,
    refusal,
    /** What is wrong with this field, where the service blames it. */
    problemOf(field: string): string | undefined {
      const [first] = refusal?.field === field ? refusal.error.graphQLErrors : [];
      return first && say(refusalOf(first));
    },
    forget: () => setRefusal(undefined),
    /** @returns undefined when it was refused */
    async send<Data, Variables extends Record<string, unknown>>(
      mutation: TypedDocumentNode<Data, Variables>,
      variables: Variables,
    ): Promise<Data | undefined> {
      setSending(true);
      setRefusal(undefined);
      const { data, error } = await api.client.mutation(mutation, variables, readFromPrimary).toPromise();
      setSending(false);
      if (data && !error) return data;
      if (error) setRefusal(toRefusal(error));
      return undefined;
    },
  };
}

export type Change = ReturnType<typeof useChange>;

function toRefusal(error: CombinedError): Refusal {
  const [first] = error.graphQLErrors;
  // A variable that GraphQL itself refuses is named by its path.
  const field = (first?.extensions?.field as string | undefined)?.replace(/^input\./, '');
  return { error, field };
}
