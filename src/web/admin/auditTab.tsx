import { Code, Group, Select, Stack, Table, Text } from '@mantine/core';
import { useState } from 'react';
import { useQuery } from 'urql';
import { readFromPrimary } from '../api/client';
import { useFormat, useWords } from '../language/language';
import { useSignedIn } from '../session/session';
import { Failure } from '../ui/failure';
import { Pager, useWalk } from '../ui/pager';
import { type AuditEntry, auditLogQuery } from './operations';
import { actionWords, adminWords, targetWords } from './words';

/** The audit log, the newest entries first. */
export function AuditTab() {
  const words = useWords(adminWords);
  const actions = useWords(actionWords);
  const [action, setAction] = useState<AuditEntry['action'] | null>(null);
  const walk = useWalk(String(action));
  const [{ data, error }, ask] = useQuery({
    query: auditLogQuery,
    variables: { filter: { action }, after: walk.after },
    context: readFromPrimary,
  });
  const entries = data?.auditLog;
  return (
    <Stack>
      <Group>
        <Select
          label={words.action}
          placeholder={words.allActions}
          data={Object.entries(actions).map(([value, label]) => ({ value, label }))}
          value={action}
          onChange={(value) => setAction(value as AuditEntry['action'] | null)}
          clearable
          clearButtonProps={{ 'aria-label': words.allActions }}
        />
      </Group>
      {error && <Failure error={error} onRetry={() => ask({ requestPolicy: 'network-only' })} />}
      {entries?.nodes.length === 0 && <Text>{words.noEntries}</Text>}
      {entries && entries.nodes.length > 0 && (
        <Table.ScrollContainer minWidth={320} type="native" tabIndex={0}>
          <Table aria-label={words.auditLog} verticalSpacing="sm">
            <Table.Thead>
              <Table.Tr>
                <Table.Th scope="col">{words.when}</Table.Th>
                <Table.Th scope="col">{words.who}</Table.Th>
                <Table.Th scope="col">{words.action}</Table.Th>
                <Table.Th scope="col" visibleFrom="sm">
                  {words.details}
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {entries.nodes.map((entry) => (
                <Entry key={entry.sequence} entry={entry} />
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      <Pager walk={walk} pageInfo={entries?.pageInfo} />
    </Stack>
  );
}

function Entry({ entry }: { entry: AuditEntry }) {
  const words = useWords(adminWords);
  const actions = useWords(actionWords);
  const targets = useWords(targetWords);
  const format = useFormat();
  const { timeZone } = useSignedIn().service;
  const { at, actor, role, action, targetKind, targetId, reason, before, after, erased } = entry;
  return (
    <Table.Tr>
      <Table.Td miw={100}>{format.dateTime(at, timeZone)}</Table.Td>
      <Table.Td className="wrapped" miw={110}>
        {actor}
        <Text size="sm" c="dimmed">
          {role}
        </Text>
      </Table.Td>
      <Table.Td miw={130}>
        {actions[action]}
        <Text size="sm" c="dimmed" className="wrapped">
          {targets[targetKind]} {targetId}
        </Text>
      </Table.Td>
      <Table.Td visibleFrom="sm">
        {reason !== null && <Text size="sm">{words.reason(reason)}</Text>}
        {erased && <Text size="sm">{words.erased}</Text>}
        <State title={words.before} json={before} />
        <State title={words.after} json={after} />
      </Table.Td>
    </Table.Tr>
  );
}

/** What stood there, as the log holds it. */
function State({ title, json }: { title: string; json: string | null }) {
  if (json === null) return null;
  return (
    <Text size="sm" component="div">
      {title} <Code className="wrapped">{json}</Code>
    </Text>
  );
}
