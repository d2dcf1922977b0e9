import { Code, Group, Select, Stack, Table, Text } from '@mantine/core';
import { useState } from 'react';
import { useAnswer } from '../api/answer';
import { readFromPrimary } from '../api/client';
import { useWords } from '../language/language';
import { Loaded } from '../ui/loaded';
import { Moment } from '../ui/moment';
import { Pager, useWalk } from '../ui/pager';
import { type AuditEntry, auditLogQuery } from './operations';
import { actionWords, adminWords, targetWords } from './words';

/** The audit log, the newest entries first. */
export function AuditTab() {
  const words = useWords(adminWords);
  const actions = useWords(actionWords);
  const [action, setAction] = useState<AuditEntry['action'] | null>(null);
  const walk = useWalk(String(action));
  const log = useAnswer({
    query: auditLogQuery,
    variables: { filter: { action }, after: walk.after },
    context: readFromPrimary,
  });
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
      <Loaded answer={log}>
        {({ auditLog: { nodes, pageInfo } }) => (
          <>
            {nodes.length === 0 ? <Text>{words.noEntries}</Text> : <Entries entries={nodes} />}
            <Pager walk={walk} pageInfo={pageInfo} />
          </>
        )}
      </Loaded>
    </Stack>
  );
}

function Entries({ entries }: { entries: readonly AuditEntry[] }) {
  const words = useWords(adminWords);
  return (
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
          {entries.map((entry) => (
            <Entry key={entry.sequence} entry={entry} />
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Entry({ entry }: { entry: AuditEntry }) {
  const words = useWords(adminWords);
  const actions = useWords(actionWords);
  const targets = useWords(targetWords);
  const { at, actor, role, action, targetKind, targetId, reason, before, after, erased } = entry;
  return (
    <Table.Tr>
      <Table.Td>
        <Moment at={at} />
      </Table.Td>
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
