import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { minorDigits } from '../../platform/values/currencies';
import type { Format } from '../language/format';
import { useFormat, useWords } from '../language/language';
import { useSignedIn } from '../session/session';
import { FormDialog, textOf, textOrNull } from './formDialog';
import { createEventType, type EventType, updateEventType } from './operations';
import { useChange } from './useChange';
import { adminWords } from './words';

interface EventTypeDialogProps {
  /** Undefined for a new one. */
  eventType: EventType | undefined;
  onClose(hasChanged: boolean): void;
}

/** Creates an event type, or renames one and gives it another sum, for events from now on. */
export function EventTypeDialog({ eventType, onClose }: EventTypeDialogProps) {
  const words = useWords(adminWords);
  const { service } = useSignedIn();
  const format = useFormat();
  const change = useChange();
  /** The currency of an amount that is none. */
  const [noAmountIn, setNoAmountIn] = useState<string>();
  const submit = async (form: FormData) => {
    const currency = eventType?.currency ?? textOf(form, 'currency').toUpperCase();
    const amount = format.readAmount(textOf(form, 'amount'), currency);
    setNoAmountIn(amount === undefined ? currency : undefined);
    if (amount === undefined) return;
    const input = { name: textOf(form, 'name'), amount, externalId: textOrNull(form, 'externalId') };
    const done = eventType
      ? await change.send(updateEventType, { id: eventType.id, input })
      : await change.send(createEventType, { input: { ...input, currency } });
    if (done) onClose(true);
  };
  return (
    <FormDialog
      title={eventType ? words.changeOne(eventType.name) : words.newEventType}
      action={eventType ? words.save : words.create}
      change={change}
      fields={['name', 'amount', 'currency', 'externalId']}
      onSubmit={submit}
      onClose={() => onClose(false)}
    >
      <TextInput
        name="name"
        label={words.name}
        defaultValue={eventType?.name ?? ''}
        error={change.problemOf('name')}
        required
        data-autofocus
      />
      <TextInput
        name="amount"
        label={words.amount}
        inputMode="decimal"
        {...(eventType && {
          defaultValue: format.plainAmount(eventType.amount, eventType.currency),
          description: words.amountWhy(eventType.currency),
        })}
        error={
          noAmountIn === undefined
            ? change.problemOf('amount')
            : words.noAmount(exampleOf(format, noAmountIn), minorDigits(noAmountIn))
        }
        required
      />
      {!eventType && (
        <TextInput
          name="currency"
          label={words.currency}
          defaultValue={service.currency}
          error={change.problemOf('currency')}
          maxLength={3}
          required
        />
      )}
      <TextInput
        name="externalId"
        label={words.externalId}
        description={words.externalIdWhy}
        defaultValue={eventType?.externalId ?? ''}
        error={change.problemOf('externalId')}
      />
    </FormDialog>
  );
}

/** 1250.50, or as many decimals as the currency has. */
function exampleOf(format: Format, currency: string): string {
  return format.plainAmount(Math.trunc(1250.5 * 10 ** minorDigits(currency)), currency);
}
