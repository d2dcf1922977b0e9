import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import type { CombinedError } from 'urql';
import { useWords } from '../language/language';
import { Failure } from './failure';
import { uiWords } from './words';

interface ConfirmProps {
  /** The question, with the name of what it is about. */
  title: string;
  /** What will happen, and whether there is a way back. */
  text: string;
  /** What the button says that does it. */
  action: string;
  isSending?: boolean;
  error?: CombinedError | undefined;
  onConfirm(): void;
  onClose(): void;
}

/** Asks before something is taken away from people. The keyboard begins at the button that leaves all as it is. */
export function Confirm({ title, text, action, isSending = false, error, onConfirm, onClose }: ConfirmProps) {
  const words = useWords(uiWords);
  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ 'aria-label': words.close }}>
      <Stack>
        <Text>{text}</Text>
        {error && <Failure error={error} />}
        <Group justify="end">
          <Button variant="default" onClick={onClose} data-autofocus>
            {words.cancel}
          </Button>
          <Button color="red" onClick={onConfirm} loading={isSending}>
            {action}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
