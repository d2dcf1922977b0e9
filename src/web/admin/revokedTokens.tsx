import { Stack, Table, Text, Title } from '@mantine/core';
import { useEffect } from 'react';
import { useQuery } from 'urql';
import { readFromPrimary } from '../api/client';
import { useFormat, useWords } from '../language/language';
import { useSignedIn } from '../session/session';
import { Failure } from '../ui/failure';
import { Pager, useWalk } from '../ui/pager';
import { revokedTokensQuery } from './operations';
import { adminWords } from './words';

/** The tokens that were revoked and would hold otherwise. Read again whenever one more was revoked here. */
export function RevokedTokens({ times }: { times: number }) {
  const words = useWords(adminWords);
  const format = useFormat();
  const { timeZone } = useSignedIn().service;
  const walk = useWalk(String(times));
  const [{ data, error }, ask] = useQuery({
    query: revokedTokensQuery,
    variables: { after: walk.after },
    context: readFromPrimary,
  });
  useEffect(() => {
    if (times > 0) ask({ requestPolicy: 'network-only' });
  }, [times, ask]);
  const tokens = data?.revokedTokens;
  return (
    <Stack>
      <Title order={2} size="h3">
        {words.revokedTokens}
      </Title>
      {error && <Failure error={error} onRetry={() => ask({ requestPolicy: 'network-only' })} />}
      {tokens?.nodes.length === 0 && <Text>{words.noneRevoked}</Text>}
      {tokens && tokens.nodes.length > 0 && (
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
              {tokens.nodes.map(({ id, revokedAt, revokedBy, expiresAt }) => (
                <Table.Tr key={id}>
                  <Table.Td className="wrapped">{id}</Table.Td>
                  <Table.Td>{format.dateTime(revokedAt, timeZone)}</Table.Td>
                  <Table.Td>{revokedBy}</Table.Td>
                  <Table.Td>
                    {expiresAt === null ? words.unknownEnd : format.dateTime(expiresAt, timeZone)}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      <Pager walk={walk} pageInfo={tokens?.pageInfo} />
    </Stack>
  );
}
