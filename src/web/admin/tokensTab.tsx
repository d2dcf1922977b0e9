import { SimpleGrid, Stack } from '@mantine/core';
import { useState } from 'react';
import { NewToken } from './newToken';
import { RevokedTokens } from './revokedTokens';
import { RevokeToken } from './revokeToken';

/** Tokens: make one for somebody, revoke one, look at those that were revoked. */
export function TokensTab() {
  const [revoked, setRevoked] = useState(0);
  const noteRevoked = () => setRevoked((times) => times + 1);
  return (
    <Stack gap="xl">
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="xl" style={{ alignItems: 'start' }}>
        <NewToken onRevoked={noteRevoked} />
        <RevokeToken onRevoked={noteRevoked} />
      </SimpleGrid>
      <RevokedTokens times={revoked} />
    </Stack>
  );
}
