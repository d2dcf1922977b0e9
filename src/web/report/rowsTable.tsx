import { Button, Group, Menu, Table, Text, UnstyledButton } from '@mantine/core';
import { useFormat, useLanguage, useWords } from '../language/language';
import { Count } from '../ui/amount';
import { type ColumnName, columnNames, columns, type Layout, sortRows } from './columns';
import type { Picked } from './eventsDrawer';
import type { ReportRow } from './operations';
import { TallyButton } from './tallyButton';
import { reportWords } from './words';

interface RowsTableProps {
  /** Of one page. */
  rows: readonly ReportRow[];
  layout: Layout;
  onLayout(layout: Layout): void;
  onPick(picked: Picked): void;
}

/** A page of the report's rows, one for each month, caregiver and currency. */
export function RowsTable({ rows, layout, onLayout, onPick }: RowsTableProps) {
  const words = useWords(reportWords);
  const { language } = useLanguage();
  return (
    <>
      <Group justify="space-between">
        <Text c="dimmed" id="rows-sorting">
          {words.sorting}
        </Text>
        <ColumnMenu layout={layout} onLayout={onLayout} />
      </Group>
      <Table.ScrollContainer minWidth={780} type="native" tabIndex={0}>
        <Table highlightOnHover aria-label={words.byCaregiver} aria-describedby="rows-sorting">
          <Table.Thead>
            <Table.Tr>
              {layout.columns.map((name) => (
                <Heading key={name} name={name} layout={layout} onLayout={onLayout} />
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {sortRows(rows, layout, language).map((row) => (
              <Table.Tr key={`${row.month} ${row.caregiver.id} ${row.currency}`}>
                {layout.columns.map((name) => (
                  <Cell key={name} name={name} row={row} onPick={onPick} />
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </>
  );
}

interface HeadingProps extends Pick<RowsTableProps, 'layout' | 'onLayout'> {
  name: ColumnName;
}

/** Sorts the page: up, then down, then as it came. */
function Heading({ name, layout, onLayout }: HeadingProps) {
  const words = useWords(reportWords);
  const { sort } = layout;
  const column = columns[name];
  const direction = sort?.by !== name ? undefined : sort.isDescending ? 'descending' : 'ascending';
  const next = direction === 'descending' ? undefined : { by: name, isDescending: direction === 'ascending' };
  return (
    <Table.Th
      scope="col"
      {...(direction && { 'aria-sort': direction })}
      {...('tally' in column && { className: column.shows === 'events' ? 'number count' : 'number' })}
    >
      <UnstyledButton fz="inherit" fw={700} onClick={() => onLayout({ ...layout, sort: next })}>
        {words[name]}
        {/* Takes its place where it is not seen, too: sorting moves no column. */}
        <span aria-hidden="true" style={direction ? {} : { visibility: 'hidden' }}>
          {direction === 'descending' ? ' ↓' : ' ↑'}
        </span>
      </UnstyledButton>
    </Table.Th>
  );
}

interface CellProps extends Pick<RowsTableProps, 'onPick'> {
  name: ColumnName;
  row: ReportRow;
}

function Cell({ name, row, onPick }: CellProps) {
  const words = useWords(reportWords);
  const format = useFormat();
  const column = columns[name];
  if (column.shows === 'month') return <Table.Td className="whole">{format.month(row.month)}</Table.Td>;
  if (column.shows === 'text') return <Table.Td>{column.key(row)}</Table.Td>;
  const tally = row[column.tally];
  const picked = {
    month: row.month,
    caregiver: row.caregiver,
    reimbursed: column.tally === 'total' ? undefined : column.tally === 'reimbursed',
  };
  return (
    <Table.Td className="number">
      {column.shows === 'events' ? (
        <Count value={tally.events} />
      ) : (
        <TallyButton
          tally={tally}
          currency={row.currency}
          label={words.eventsOfCaregiver(format.month(row.month), row.caregiver.name)}
          onPress={() => onPick(picked)}
        />
      )}
    </Table.Td>
  );
}

/** Chooses the columns; one must stay. */
function ColumnMenu({ layout, onLayout }: Pick<RowsTableProps, 'layout' | 'onLayout'>) {
  const words = useWords(reportWords);
  const toggle = (name: ColumnName, isShown: boolean) => {
    const shown = columnNames.filter((other) => (other === name ? isShown : layout.columns.includes(other)));
    if (shown.length > 0) onLayout({ ...layout, columns: shown });
  };
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="default">{words.columns}</Button>
      </Menu.Target>
      <Menu.Dropdown>
        {columnNames.map((name) => (
          <Menu.CheckboxItem
            key={name}
            checked={layout.columns.includes(name)}
            onChange={(isShown) => toggle(name, isShown)}
          >
            {words[name]}
          </Menu.CheckboxItem>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
