import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { type Client, useQuery } from 'urql';
import { keyOf } from '../../platform/values/text';
import { graphql, type ResultOf } from '../api/graphql';

const caregiverFields = graphql(`
  fragment CaregiverToChoose on Caregiver { id name externalId unit { name } }
`);

/** By a part of the name, by the external id or by the id. */
const searchQuery = graphql(
  `query SearchCaregivers($nameContains: String!, $externalIds: [String!]!, $ids: [ID!]!) {
    named: caregivers(filter: { nameContains: $nameContains }, first: 20) { nodes { ...CaregiverToChoose } }
    known: caregivers(filter: { externalIds: $externalIds }, first: 20) { nodes { ...CaregiverToChoose } }
    numbered: caregivers(filter: { ids: $ids }, first: 20) { nodes { ...CaregiverToChoose } }
  }`,
  [caregiverFields],
);

const listedQuery = graphql(`
  query ListedCaregivers($externalIds: [String!]!, $ids: [ID!]!) {
    known: caregivers(filter: { externalIds: $externalIds }, first: 1000) { nodes { id externalId } }
    numbered: caregivers(filter: { ids: $ids }, first: 1000) { nodes { id } }
  }
`);

export const chosenCaregivers = graphql(
  `query ChosenCaregivers($ids: [ID!]!) {
    caregivers(filter: { ids: $ids }, first: 1000) { nodes { ...CaregiverToChoose } }
  }`,
  [caregiverFields],
);

type Caregiver = ResultOf<typeof chosenCaregivers>['caregivers']['nodes'][number];

/** A caregiver as one is offered in a list: several may have the same name. */
export function optionOf({ id, name, externalId, unit }: Caregiver): { value: string; label: string } {
  const marks = [unit?.name, externalId, id].filter((mark) => mark !== undefined && mark !== null);
  return { value: id, label: `${name} (${marks.join(', ')})` };
}

/** Searches caregivers, of whom there are thousands, for what is typed: the service searches, the browser holds a few. */
export function useCaregiverSearch(chosenLabel?: string) {
  const [search, setSearch] = useState('');
  const [settled] = useDebouncedValue(search.trim(), 200);
  // What is chosen stands in the field, and is not what is searched for.
  const wanted = (text: string) => (text === chosenLabel ? '' : text);
  const text = wanted(settled);
  const variables = { nameContains: text, externalIds: text === '' ? [] : [text], ids: idsIn([text]) };
  const [{ data, fetching }] = useQuery({ query: searchQuery, variables });
  const isSearching = fetching || wanted(search.trim()) !== text;
  const found = [data?.numbered, data?.known, data?.named].flatMap((page) => page?.nodes ?? []);
  const options = new Map(found.map((caregiver) => [caregiver.id, optionOf(caregiver)]));
  return {
    search,
    setSearch,
    isSearching,
    /** None while it is searched: who was found before is not who is looked for now. */
    options: isSearching ? [] : [...options.values()],
  };
}

/** As many as a list may name. */
export const maxListed = 1_000;

/** The entries of a pasted list, as it comes out of a spreadsheet or a letter; undefined where it is no list. */
export function entriesOf(pasted: string): string[] | undefined {
  const entries = pasted.split(/[\r\n\t,;]+/).map((entry) => entry.trim());
  const named = [...new Set(entries.filter((entry) => entry !== ''))];
  return named.length > 1 ? named : undefined;
}

/**
 * Finds the caregivers of a list by their external ids or their ids. A list is of one kind: what can be read as both is read
 * as more of the list can be.
 * @returns their ids, and the entries that nobody has
 * @throws CombinedError by the promise
 */
export async function findListed(
  client: Client,
  entries: readonly string[],
): Promise<{ ids: string[]; missing: string[] }> {
  const variables = { externalIds: [...entries], ids: idsIn(entries) };
  const { data, error } = await client.query(listedQuery, variables).toPromise();
  if (!data) throw error;
  const known = new Map(data.known.nodes.map(({ id, externalId }) => [keyOf(externalId ?? ''), id]));
  const numbered = new Map(data.numbered.nodes.map(({ id }) => [id, id]));
  const [first, second] = numbered.size > known.size ? [numbered, known] : [known, numbered];
  const idOf = (entry: string) => first.get(keyOf(entry)) ?? second.get(keyOf(entry));
  return {
    ids: [...new Set(entries.flatMap((entry) => idOf(entry) ?? []))],
    missing: entries.filter((entry) => idOf(entry) === undefined),
  };
}

/** Those texts that are ids as the service gives them. */
function idsIn(texts: readonly string[]): string[] {
  return texts.filter((text) => /^[1-9]\d{0,14}$/.test(text));
}
