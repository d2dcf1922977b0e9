import fc from 'fast-check';
import sql from 'sql-template-tag';
import { inSql } from '../../src/platform/storage/core/textInSql';
import { guardText } from '../../src/platform/values/csv';
import { testSeed } from '../support/random';
import { serviceForTests } from '../support/testService';

const api = serviceForTests();

test('the database guards text against formulas just as the rest of the service does', async () => {
  const unit = fc.constantFrom(...'=+-@\t\r＝＋－＠\'";,|\na *['.split(''));
  const texts = fc.sample(fc.string({ unit, maxLength: 10 }), { numRuns: 1_000, seed: testSeed });
  const cells = await api.service.database.readLong(async (snapshot) => {
    const read: string[] = [];
    for (const text of texts) {
      const row = await snapshot.one<{ cell: string }>(
        sql`select ${inSql.csvText(sql`one.value`)} as cell from (select cast(${text} as text) as value) one`,
      );
      read.push(row?.cell ?? '');
    }
    return read;
  });
  expect(cells).toEqual(texts.map((text) => `"${guardText(text).replaceAll('"', '""')}"`));
  expect(texts.filter((text) => guardText(text) !== text).length).toBeGreaterThan(100);
});
