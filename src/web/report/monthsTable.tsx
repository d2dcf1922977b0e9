import { Table } from '@mantine/core';
import { useFormat, useWords } from '../language/language';
import { Count } from '../ui/amount';
import type { Picked } from './eventsDrawer';
import type { ReportMonth } from './operations';
import { TallyButton } from './tallyButton';
import { reportWords } from './words';

interface MonthsTableProps {
  months: readonly ReportMonth[];
  onPick(picked: Picked): void;
}

/** What the chart shows, for those who do not see it, and to the last digit. */
export function MonthsTable({ months, onPick }: MonthsTableProps) {
  const words = useWords(reportWords);
  const format = useFormat();
  return (
    <details>
      <summary>{words.monthTable}</summary>
      <Table.ScrollContainer minWidth={480} type="native" tabIndex={0}>
        <Table withRowBorders aria-label={words.byMonth}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">{words.month}</Table.Th>
              <Table.Th scope="col" className="number">
                {words.reimbursed}
              </Table.Th>
              <Table.Th scope="col" className="number">
                {words.unreimbursed}
              </Table.Th>
              <Table.Th scope="col" className="number">
                {words.total}
              </Table.Th>
              <Table.Th scope="col" className="number count">
                {words.totalEvents}
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {months.map((row) => {
              const sum = (name: 'reimbursed' | 'unreimbursed' | 'total', reimbursed?: boolean) => (
                <Table.Td className="number">
                  <TallyButton
                    tally={row[name]}
                    currency={row.currency}
                    label={words.eventsOf(format.month(row.month))}
                    onPress={() => onPick({ month: row.month, reimbursed })}
                  />
                </Table.Td>
              );
              return (
                <Table.Tr key={`${row.month} ${row.currency}`}>
                  <Table.Th scope="row" className="whole">
                    {format.month(row.month)}
                  </Table.Th>
                  {sum('reimbursed', true)}
                  {sum('unreimbursed', false)}
                  {sum('total')}
                  <Table.Td className="number">
                    <Count value={row.total.events} />
                  </Table.Td>
                </Table.Tr>
              );
            })}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </details>
  );
}
