import sql, { raw } from 'sql-template-tag';
import { compareRows, type RowDifferences } from '../../src/platform/copy/compareRows';
import type { Table } from '../../src/platform/storage/core/table';
import { tamper } from '../support/fixtures';
import { serviceForTests, type TestService } from '../support/testService';

const table: Table = {
  table: 'route',
  columns: { origin: 'text', destination: 'text', kilometres: 'integer' },
  key: ['origin', 'destination'],
  extra: 'remove',
};
const source = serviceForTests();
const target = serviceForTests();

function fill(api: TestService, rows: readonly [string, string, number][]): Promise<void> {
  return tamper(
    api,
    sql`create table route (origin text, destination text, kilometres ${raw('bigint')})`,
    ...rows.map((row) => sql`insert into route values (${row[0]}, ${row[1]}, ${row[2]})`),
  );
}

test('keys whose texts hold blanks are told apart, wherever the blanks are', async () => {
  await fill(source, [
    ['Saltsjö', 'Boo Nacka', 1],
    ['Saltsjö Boo', 'Nacka', 2],
    ['a","b', 'c', 3],
  ]);
  await fill(target, [
    ['Saltsjö Boo', 'Nacka', 2],
    ['a', 'b","c', 3],
  ]);
  const found: RowDifferences[] = [];
  await source.service.database.read((own) =>
    target.service.database.read(async (other) => {
      for await (const page of compareRows(own, other, table)) found.push(page);
    }),
  );
  const row = (origin: string, destination: string, kilometres: number) => ({
    origin,
    destination,
    kilometres,
  });
  expect(found).toEqual([
    {
      compared: 3,
      missing: [row('Saltsjö', 'Boo Nacka', 1), row('a","b', 'c', 3)],
      changed: [],
      extra: [row('a', 'b","c', 3)],
    },
  ]);
});
