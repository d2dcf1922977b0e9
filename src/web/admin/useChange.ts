import type { TypedDocumentNode } from '@urql/core';
import { useState } from 'react';
import type { CombinedError } from 'urql';
import { readFromPrimary } from '../api/client';
import { useSignedIn } from '../session/session';

/** Why a change was refused: at a field where one is to blame, else as a whole. */
export interface Refusal {
  error: CombinedError;
  field: string | undefined;
  message: string | undefined;
}

/** Sends changes one at a time, and keeps why the last one was refused. */
export function useChange() {
  const { api } = useSignedIn();
  const [isSending, setSending] = useState(false);
  const [refusal, setRefusal] = useState<Refusal>();
  return {
    isSending,
    refusal,
    /** The service's sentence where it blames this field. */
    problemOf: (field: string) => (refusal?.field === field ? refusal.message : undefined),
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
  return { error, field, message: first?.message };
}
