import { Button, Group, Modal, Stack } from '@mantine/core';
import type { FormEvent, ReactNode } from 'react';
import { useWords } from '../language/language';
import { Failure } from '../ui/failure';
import { uiWords } from '../ui/words';
import type { Change } from './useChange';
import { adminWords } from './words';

interface FormDialogProps {
  title: string;
  /** What the button says that sends it. */
  action: string;
  change: Change;
  /** The fields that show the service's sentence themselves when they are to blame. */
  fields: readonly string[];
  onSubmit(form: FormData): void;
  onClose(): void;
  children: ReactNode;
}

/** A form in a dialog. It stays open, with what was typed, until the service has taken it. */
export function FormDialog(props: FormDialogProps) {
  const { title, action, change, fields, onSubmit, onClose, children } = props;
  const words = useWords(adminWords);
  const general = useWords(uiWords);
  const { refusal, isSending } = change;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (!isSending) onSubmit(new FormData(event.currentTarget));
  };
  const isShownAtField = refusal?.field !== undefined && fields.includes(refusal.field);
  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ 'aria-label': general.close }}>
      <form onSubmit={submit}>
        <Stack>
          {children}
          {refusal && !isShownAtField && <Failure error={refusal.error} />}
          <Group justify="end">
            <Button variant="default" onClick={onClose}>
              {words.cancel}
            </Button>
            <Button type="submit" loading={isSending}>
              {action}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

/** What was typed into a field. */
export function textOf(form: FormData, name: string): string {
  return String(form.get(name) ?? '').trim();
}

/** The same, null where nothing was. */
export function textOrNull(form: FormData, name: string): string | null {
  return textOf(form, name) || null;
}
