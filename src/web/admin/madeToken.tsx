import { Button, CopyButton, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { homePages } from '../app/pages';
import { useFormat, useWords } from '../language/language';
import { useSignedIn } from '../session/session';
import { roleWords } from '../session/words';
import { Confirm } from '../ui/confirm';
import { uiWords } from '../ui/words';
import { type CreatedToken, revokeToken } from './operations';
import { useChange } from './useChange';
import { adminWords } from './words';

interface MadeTokenProps {
  made: CreatedToken;
  onClose(): void;
  onRevoked(): void;
}

/** A token that was made just now: by itself, and as a link that signs in. Once closed, nobody can show it again. */
export function MadeToken({ made, onClose, onRevoked }: MadeTokenProps) {
  const words = useWords(adminWords);
  const general = useWords(uiWords);
  const roles = useWords(roleWords);
  const format = useFormat();
  const { timeZone } = useSignedIn().service;
  const change = useChange();
  const { id, token, name, role, expiresAt } = made;
  const [isAsking, setAsking] = useState(false);
  const revoke = async () => {
    if (!(await change.send(revokeToken, { id, expiresAt }))) return;
    onRevoked();
    onClose();
  };
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={words.madeFor(name, roles[role])}
      // A stray click or key must not lose it.
      closeOnClickOutside={false}
      closeOnEscape={false}
      closeButtonProps={{ 'aria-label': general.close }}
    >
      <Stack>
        <Text>{words.once(format.dateTime(expiresAt, timeZone))}</Text>
        <Copied
          label={words.link}
          text={`${location.origin}${homePages[role]}#token=${token}`}
          action={words.copyLink}
        />
        <Copied label={words.token} text={token} action={words.copyToken} />
        <Copied label={words.tokenId} text={id} action={words.copyId} />
        <Group justify="end">
          <Button variant="default" onClick={() => setAsking(true)}>
            {words.revokeAgain}
          </Button>
          <Button onClick={onClose}>{general.close}</Button>
        </Group>
      </Stack>
      {isAsking && (
        <Confirm
          title={words.revokeAsk(id)}
          text={words.revokeWhy}
          action={words.revoke}
          isSending={change.isSending}
          error={change.refusal?.error}
          onConfirm={revoke}
          onClose={() => {
            change.forget();
            setAsking(false);
          }}
        />
      )}
    </Modal>
  );
}

/** A text to take away, by a button or by hand. */
function Copied({ label, text, action }: { label: string; text: string; action: string }) {
  const words = useWords(adminWords);
  return (
    <Group align="end" wrap="nowrap">
      <TextInput
        label={label}
        value={text}
        readOnly
        flex={1}
        onFocus={(event) => event.currentTarget.select()}
      />
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <Button variant="default" onClick={copy} aria-label={action} miw={100}>
            <span aria-live="polite">{copied ? words.copied : words.copy}</span>
          </Button>
        )}
      </CopyButton>
    </Group>
  );
}
