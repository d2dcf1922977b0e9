import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { useWords } from '../language/language';
import { UnitSelect } from '../ui/unitSelect';
import { FormDialog, textOf, textOrNull } from './formDialog';
import { type Caregiver, createCaregiver, updateCaregiver } from './operations';
import { useChange } from './useChange';
import { adminWords } from './words';

interface CaregiverDialogProps {
  /** Undefined for a new one. */
  caregiver: Caregiver | undefined;
  onClose(hasChanged: boolean): void;
}

/** Creates a caregiver, or renames one, moves them to a unit and says what others call them by. */
export function CaregiverDialog({ caregiver, onClose }: CaregiverDialogProps) {
  const words = useWords(adminWords);
  const change = useChange();
  const [unitId, setUnitId] = useState<string | null>(caregiver?.unit?.id ?? null);
  const submit = async (form: FormData) => {
    const input = { name: textOf(form, 'name'), externalId: textOrNull(form, 'externalId'), unitId };
    const done = caregiver
      ? await change.send(updateCaregiver, { id: caregiver.id, input })
      : await change.send(createCaregiver, { input });
    if (done) onClose(true);
  };
  return (
    <FormDialog
      title={caregiver ? words.changeOne(caregiver.name) : words.newCaregiver}
      action={caregiver ? words.save : words.create}
      change={change}
      fields={['name', 'externalId', 'unitId']}
      onSubmit={submit}
      onClose={() => onClose(false)}
    >
      <TextInput
        name="name"
        label={words.name}
        defaultValue={caregiver?.name ?? ''}
        error={change.problemOf('name')}
        required
        data-autofocus
      />
      <UnitSelect
        label={words.unit}
        placeholder={words.noUnit}
        value={unitId}
        onChange={setUnitId}
        error={change.problemOf('unitId')}
      />
      <TextInput
        name="externalId"
        label={words.externalId}
        description={words.externalIdWhy}
        defaultValue={caregiver?.externalId ?? ''}
        error={change.problemOf('externalId')}
      />
    </FormDialog>
  );
}
