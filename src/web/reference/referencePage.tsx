import { operations } from 'virtual:operations';
import { Code, Stack, Text, TextInput, Title } from '@mantine/core';
import { useState } from 'react';
import { foldText } from '../../platform/values/text';
import { useWords } from '../language/language';
import { OperationCard } from './operationCard';
import { referenceWords } from './words';

/** Every operation of the API with an example, for those who build on it. */
export default function ReferencePage() {
  const words = useWords(referenceWords);
  const [search, setSearch] = useState('');
  const sought = foldText(search.trim());
  const found = operations.filter(({ name }) => foldText(name).includes(sought));
  return (
    <Stack>
      <Text>
        {words.intro} <Code>POST {location.origin}/graphql</Code> {words.token}{' '}
        <Code>Authorization: Bearer TOKEN</Code>.
      </Text>
      <TextInput
        type="search"
        label={words.find}
        value={search}
        onChange={(event) => setSearch(event.currentTarget.value)}
      />
      {found.length === 0 && <Text role="status">{words.none}</Text>}
      {(['query', 'mutation', 'subscription'] as const).map((kind) => {
        const ofKind = found.filter((operation) => operation.kind === kind);
        return (
          ofKind.length > 0 && (
            <Stack key={kind} component="section">
              <Title order={2}>{words[kind]}</Title>
              {ofKind.map((operation) => (
                <OperationCard key={operation.name} operation={operation} />
              ))}
            </Stack>
          )
        );
      })}
    </Stack>
  );
}
