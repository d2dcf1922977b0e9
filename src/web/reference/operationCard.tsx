import { Button, Card, Code, CopyButton, Group, List, Text, Title } from '@mantine/core';
import { useWords } from '../language/language';
import { OneOf } from '../ui/oneOf';
import type { Operation } from './describeOperations';
import { referenceWords } from './words';

/** One operation: what it is for, what it takes, and an example that can be sent as it stands. */
export function OperationCard({ operation }: { operation: Operation }) {
  const words = useWords(referenceWords);
  const { name, description, type, example } = operation;
  return (
    <Card withBorder component="article" aria-labelledby={`operation-${name}`}>
      <Title order={3} size="h4" id={`operation-${name}`}>
        {name}
      </Title>
      <Text lang="en">{withCode(description)}</Text>
      <Text mt="xs">
        {words.answers} <Code>{type}</Code>
      </Text>
      {operation.arguments.length > 0 && (
        <>
          <Text mt="xs">{words.arguments}</Text>
          <List lang="en">
            {operation.arguments.map((argument) => (
              <List.Item key={argument.name}>
                <Code>
                  {argument.name}: {argument.type}
                </Code>{' '}
                {withCode(argument.description)}
              </List.Item>
            ))}
          </List>
        </>
      )}
      <details>
        <summary>{words.example}</summary>
        <Group justify="end" mb="xs">
          <CopyButton value={example}>
            {({ copied, copy }) => (
              <Button variant="default" size="xs" onClick={copy}>
                <OneOf texts={[words.copy(name), words.copied]} shown={copied ? 1 : 0} />
              </Button>
            )}
          </CopyButton>
        </Group>
        <Code block tabIndex={0}>
          {example}
        </Code>
        {Object.keys(operation.variables).length > 0 && (
          <>
            <Text mt="xs">{words.variables}</Text>
            <Code block tabIndex={0}>
              {JSON.stringify(operation.variables, null, 2)}
            </Code>
          </>
        )}
      </details>
    </Card>
  );
}

/** The schema's descriptions put names between backticks. */
function withCode(text: string) {
  return text.split('`').map((part, index) =>
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text that never changes
    index % 2 === 1 ? <Code key={index}>{part}</Code> : part,
  );
}
