import { parse } from 'csv-parse/sync';
import { readRecords } from '../../src/import/readRecords';
import { oneOf, withRandom } from '../support/random';

const plain = ['', 'a', '17', ' b c ', 'Å', '日本 🙂', '2024-01-01T00:00:00Z', "it's", '\\N'];
const quoted = ['"x"', '"a,b"', '"two\nlines"', '"said ""no"""', ' "padded" '];

async function read(text: string, chunkLength: number): Promise<string[][]> {
  async function* chunks() {
    const characters = [...text];
    while (characters.length > 0) yield characters.splice(0, chunkLength).join('');
  }
  const records: string[][] = [];
  for await (const some of readRecords(chunks())) records.push(...some);
  return records;
}

describe('the records of CSV', () => {
  test.each([
    ['without quotes', plain],
    ['with quotes', [...plain, ...plain, ...quoted]],
  ])('are what the library reads, %s', (_which, cells) =>
    withRandom(async (random) => {
      for (let round = 0; round < 300; round += 1) {
        const lineEnd = oneOf(random, ['\n', '\r\n', '\r']);
        const lines = Array.from({ length: Math.floor(random.next() * 12) }, () =>
          Array.from({ length: 1 + Math.floor(random.next() * 4) }, () => oneOf(random, cells)).join(','),
        );
        const text = oneOf(random, ['', '\uFEFF']) + lines.join(lineEnd) + oneOf(random, ['', lineEnd]);
        const expected: string[][] = parse(text, { bom: true, relax_column_count: true, trim: true });
        expect({ text, records: await read(text, 1 + Math.floor(random.next() * 40)) }).toEqual({
          text,
          records: expected,
        });
      }
    }),
  );

  test('that are broken are told with their line in the whole file', async () => {
    await expect(read('a,b\n1,2\n3,4\n5,6"7\n', 4)).rejects.toThrow(/at line 4/);
    await expect(read('a,b\n1,2\n3,"4\n', 4)).rejects.toThrow(/at line 3/);
  });
});
