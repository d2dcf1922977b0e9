import { Button, Checkbox, Table, Text } from '@mantine/core';
import { useFormat, useWords } from '../language/language';
import { Amount, Count } from '../ui/amount';
import { type Choice, choose, chooseWhole, isChosen } from './choice';
import type { OwedRow } from './operations';
import { payoutsWords } from './words';

interface OwedTableProps {
  /** Of one page. */
  rows: readonly OwedRow[];
  choice: Choice;
  onChoice(choice: Choice): void;
}

/** A page of what is owed. A row is chosen with all currencies of its month, which are paid together. */
export function OwedTable({ rows, choice, onChoice }: OwedTableProps) {
  const words = useWords(payoutsWords);
  const chosen = rows.filter((row) => isChosen(choice, row)).length;
  if (rows.length === 0) return null;
  return (
    <Table.ScrollContainer minWidth={460} type="native" tabIndex={0}>
      <Table highlightOnHover aria-label={words.owed}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col" w={44}>
              <Checkbox
                aria-label={words.choosePage}
                checked={chosen === rows.length}
                indeterminate={chosen > 0 && chosen < rows.length}
                onChange={(event) => onChoice(choose(choice, rows, event.currentTarget.checked))}
              />
            </Table.Th>
            <Table.Th scope="col">{words.month}</Table.Th>
            <Table.Th scope="col">{words.caregiver}</Table.Th>
            <Table.Th scope="col" visibleFrom="sm">
              {words.unit}
            </Table.Th>
            <Table.Th scope="col" className="number count" visibleFrom="sm">
              {words.eventCount}
            </Table.Th>
            <Table.Th scope="col" className="number">
              {words.owed}
            </Table.Th>
            <Table.Th scope="col">{words.more}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Row key={`${row.month} ${row.caregiver.id} ${row.currency}`} {...{ row, choice, onChoice }} />
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

type RowProps = Omit<OwedTableProps, 'rows'> & { row: OwedRow };

function Row({ row, choice, onChoice }: RowProps) {
  const words = useWords(payoutsWords);
  const format = useFormat();
  const { caregiver, currency, unreimbursed } = row;
  const month = format.month(row.month);
  const isWhole = choice.get(caregiver.id) === 'all';
  return (
    <Table.Tr {...(isChosen(choice, row) && { bg: 'var(--mantine-color-default-hover)' })}>
      <Table.Td>
        <Checkbox
          aria-label={words.chooseRow(caregiver.name, month)}
          checked={isChosen(choice, row)}
          disabled={isWhole}
          onChange={(event) => onChoice(choose(choice, [row], event.currentTarget.checked))}
        />
      </Table.Td>
      <Table.Td style={{ whiteSpace: 'nowrap' }}>{month}</Table.Td>
      <Table.Td>{caregiver.name}</Table.Td>
      <Table.Td visibleFrom="sm">
        {caregiver.unit?.name ?? (
          <Text span c="dimmed">
            –
          </Text>
        )}
      </Table.Td>
      <Table.Td className="number" visibleFrom="sm">
        <Count value={unreimbursed.events} />
      </Table.Td>
      <Table.Td className="number">
        <Amount minor={unreimbursed.amount} currency={currency} />
      </Table.Td>
      <Table.Td>
        <Button
          size="compact-sm"
          variant={isWhole ? 'filled' : 'default'}
          aria-pressed={isWhole}
          aria-label={words.chooseWhole(caregiver.name)}
          onClick={() => onChoice(chooseWhole(choice, caregiver.id, !isWhole))}
        >
          {words.allMonths}
        </Button>
      </Table.Td>
    </Table.Tr>
  );
}
