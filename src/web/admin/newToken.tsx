import { Button, Paper, Select, Stack, TextInput, Title } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useWords } from '../language/language';
import type { Role } from '../session/token';
import { roleWords } from '../session/words';
import { CaregiverSelect } from '../ui/caregiverSelect';
import { Failure } from '../ui/failure';
import { UnitSelect } from '../ui/unitSelect';
import { textOrNull } from './formDialog';
import { MadeToken } from './madeToken';
import { type CreatedToken, createToken } from './operations';
import { useChange } from './useChange';
import { adminWords } from './words';

const roles = ['CAREGIVER', 'MANAGER', 'ANALYST', 'ACCOUNTANT', 'ADMIN'] as const satisfies readonly Role[];
const lifetimes = [
  { hours: 8, name: 'hours8' },
  { hours: 24, name: 'day' },
  { hours: 24 * 7, name: 'week' },
  { hours: 24 * 30, name: 'days30' },
  { hours: 24 * 90, name: 'days90' },
  { hours: 24 * 365, name: 'year' },
] as const;

/** Makes a token for somebody, and shows it this once. */
export function NewToken({ onRevoked }: { onRevoked(): void }) {
  const words = useWords(adminWords);
  const names = useWords(roleWords);
  const change = useChange();
  const [role, setRole] = useState<Role>('CAREGIVER');
  const [caregiverId, setCaregiverId] = useState<string | null>(null);
  const [unitId, setUnitId] = useState<string | null>(null);
  const [hours, setHours] = useState('8');
  const [made, setMade] = useState<CreatedToken>();
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const input = {
      role,
      caregiverId: role === 'CAREGIVER' ? caregiverId : null,
      unitId: role === 'MANAGER' ? unitId : null,
      name: textOrNull(new FormData(event.currentTarget), 'name'),
      expiresInHours: Number(hours),
    };
    const data = await change.send(createToken, { input });
    if (data) setMade(data.createToken);
  };
  const { refusal } = change;
  const isShownAtField = ['caregiverId', 'unitId', 'name'].includes(refusal?.field ?? '');
  return (
    <Paper component="section" aria-label={words.newToken} withBorder p="md">
      <Title order={2} size="h3" mb="md">
        {words.newToken}
      </Title>
      <form onSubmit={submit}>
        <Stack>
          <Select
            label={words.role}
            data={roles.map((value) => ({ value, label: names[value] }))}
            value={role}
            onChange={(value) => setRole((value ?? role) as Role)}
            allowDeselect={false}
          />
          {role === 'CAREGIVER' && (
            <CaregiverSelect
              label={words.caregiver}
              value={caregiverId}
              onChange={setCaregiverId}
              error={change.problemOf('caregiverId')}
              isRequired
            />
          )}
          {role === 'MANAGER' && (
            <UnitSelect
              label={words.unit}
              value={unitId}
              onChange={setUnitId}
              error={change.problemOf('unitId')}
              isRequired
            />
          )}
          <TextInput
            name="name"
            label={words.tokenName}
            description={words.tokenNameWhy}
            error={change.problemOf('name')}
            autoComplete="off"
          />
          <Select
            label={words.lifetime}
            data={lifetimes.map(({ hours, name }) => ({ value: String(hours), label: words[name] }))}
            value={hours}
            onChange={(value) => setHours(value ?? hours)}
            allowDeselect={false}
          />
          {refusal && !isShownAtField && <Failure error={refusal.error} />}
          <Button type="submit" loading={change.isSending}>
            {words.makeToken}
          </Button>
        </Stack>
      </form>
      {made && <MadeToken made={made} onClose={() => setMade(undefined)} onRevoked={onRevoked} />}
    </Paper>
  );
}
