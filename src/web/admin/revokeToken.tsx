import { Button, Paper, Stack, Text, TextInput, Title } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { normaliseText } from '../../platform/values/text';
import { useWords } from '../language/language';
import { useSignedIn } from '../session/session';
import { Confirm } from '../ui/confirm';
import { Failure } from '../ui/failure';
import { revokeToken } from './operations';
import { useChange } from './useChange';
import { adminWords } from './words';

/** Revokes a token by its id, which is shown where it is made and to whom it signs in. */
export function RevokeToken({ onRevoked }: { onRevoked(): void }) {
  const words = useWords(adminWords);
  const { viewer } = useSignedIn();
  const change = useChange();
  const [id, setId] = useState('');
  const [revoked, setRevoked] = useState<string>();
  const [isAsking, setAsking] = useState(false);
  const isOwn = normaliseText(id) === viewer.tokenId;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setRevoked(undefined);
    change.forget();
    setAsking(true);
  };
  const revoke = async () => {
    const data = await change.send(revokeToken, { id: id.trim(), expiresAt: null });
    setAsking(false);
    if (!data) return;
    setRevoked(data.revokeToken.id);
    setId('');
    onRevoked();
  };
  return (
    <Paper component="section" aria-label={words.revokeOne} withBorder p="md">
      <Title order={2} size="h3" mb="md">
        {words.revokeOne}
      </Title>
      <form onSubmit={submit}>
        <Stack>
          <TextInput
            label={words.tokenId}
            description={words.tokenIdWhy}
            value={id}
            onChange={(event) => setId(event.currentTarget.value)}
            error={change.problemOf('id') ?? (isOwn ? words.yourOwn : undefined)}
            autoComplete="off"
            required
          />
          {change.refusal && change.refusal.field !== 'id' && <Failure error={change.refusal.error} />}
          <Button type="submit">{words.revoke}</Button>
          <Text role="status">{revoked !== undefined && words.isRevoked(revoked)}</Text>
        </Stack>
      </form>
      {isAsking && (
        <Confirm
          title={words.revokeAsk(normaliseText(id))}
          text={isOwn ? words.yourOwn : words.revokeWhy}
          action={words.revoke}
          isSending={change.isSending}
          onConfirm={revoke}
          onClose={() => setAsking(false)}
        />
      )}
    </Paper>
  );
}
