import { Stack, Table, Text, Title } from '@mantine/core';
import { useEffect } from 'react';
import { useAnswer } from '../api/answer';
import { readFromPrimary } from '../api/client';
import { useWords } from '../language/language';
import { Loaded } from '../ui/loaded';
import { Moment } from '../ui/moment';
import { Pager, useWalk } from '../ui/pager';
import { type RevokedToken, revokedTokensQuery } from './operations';
import { adminWords } from './words';

/** The tokens that were revoked and would hold otherwise. Read again whenever one more was revoked here. */
export function RevokedTokens({ times }: { times: number }) {
  const words = useWords(adminWords);
  const walk = useWalk(String(times));
  const answer = useAnswer({
    query: revokedTokensQuery,
    variables: { after: walk.after },
    context: readFromPrimary,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each that was revoked
  useEffect(() => {
    if (times > 0) answer.askAgain();
  }, [times]);
  return (
    <Stack>
      <Title order={2} size="h3">
        {words.revokedTokens}
      </Title>
      <Loaded answer={answer}>
        {({ revokedTokens: { nodes, pageInfo } }) => (
          <>
            {nodes.length === 0 ? <Text>{words.noneRevoked}</Text> : <TokensTable tokens={nodes} />}
            <Pager walk={walk} pageInfo={pageInfo} />
          </>
        )}
      </Loaded>
    </Stack>
  );
}

function TokensTable({ tokens }: { tokens: readonly RevokedToken[] }) {
  const words = useWords(adminWords);
  return (
    <Table.ScrollContainer minWidth={560} type="native" tabIndex={0}>
      <Table aria-label={words.revokedTokens}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">{words.tokenId}</Table.Th>
            <Table.Th scope="col">{words.revokedAt}</Table.Th>
            <Table.Th scope="col">{words.revokedBy}</Table.Th>
            <Table.Th scope="col">{words.endsAt}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {tokens.map(({ id, revokedAt, revokedBy, expiresAt }) => (
            <Table.Tr key={id}>
              <Table.Td className="wrapped">{id}</Table.Td>
              <Table.Td>
                <Moment at={revokedAt} />
              </Table.Td>
              <Table.Td>{revokedBy}</Table.Td>
              <Table.Td>{expiresAt === null ? words.unknownEnd : <Moment at={expiresAt} />}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
