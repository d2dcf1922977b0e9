import { parse } from 'csv-parse/sync';
import type { TextPart } from '../../src/reimbursements/import/readLines';
import { type CsvProblem, type CsvRecord, readRecords } from '../../src/reimbursements/import/readRecords';
import { between, oneOf, withRandom } from '../support/random';

const plain = ['', 'a', '17', ' b c ', 'Å', '日本 🙂', '2024-01-01T00:00:00Z', "it's", '\\N'];
const quoted = ['"x"', '"a,b"', '"two\nlines"', '"\n"', '"said ""no"""', ' "padded" ', '""'];

/** The records of a text that comes in parts of so many lines. */
async function read(
  text: string,
  partLines: number,
  lineEnd: TextPart['lineEnd'] = '\n',
  faults = new Map(),
) {
  async function* parts(): AsyncGenerator<TextPart> {
    const lines = text
      .split(lineEnd)
      .map((line, index, all) => (index < all.length - 1 ? line + lineEnd : line));
    for (let start = 0; start < lines.length; start += partLines) {
      const some = lines.slice(start, start + partLines);
      const inPart = [...faults].filter(([line]) => line > start && line <= start + partLines);
      yield {
        text: some.join(''),
        lineEnd,
        faults: new Map(inPart.map(([line, problem]) => [line - start - 1, problem])),
        bytesRead: 0,
      };
    }
  }
  const records: CsvRecord[] = [];
  let problem: CsvProblem | undefined;
  try {
    for await (const part of readRecords(parts())) records.push(...part.records);
  } catch (error) {
    problem = error as CsvProblem;
  }
  return { records, problem };
}

describe('the records of CSV', () => {
  test.each([
    ['without quotes', plain],
    ['with quotes', [...plain, ...plain, ...quoted]],
  ])('are what a library reads, %s', (_which, cells) =>
    withRandom(async (random) => {
      for (let round = 0; round < 1_000; round += 1) {
        const lineEnd = oneOf(random, ['\n', '\r\n', '\r']);
        const lines = Array.from({ length: between(random, 0, 11) }, () =>
          Array.from({ length: between(random, 1, 4) }, () => oneOf(random, cells)).join(','),
        );
        const text = lines.join(lineEnd) + oneOf(random, ['', lineEnd]);
        const expected: string[][] = parse(text, {
          relax_column_count: true,
          trim: true,
          recordDelimiter: lineEnd,
        });
        const { records, problem } = await read(text, between(random, 1, 4), lineEnd === '\r' ? '\r' : '\n');
        expect({ text, problem, cells: records.map((record) => record.cells) }).toEqual({
          text,
          problem: undefined,
          cells: expected,
        });
      }
    }),
  );

  test('know their line, of several the last', async () => {
    const { records } = await read('a,b\r\n"1\n2",3\n4,5\n"\n",6\n7,"8"', 2);
    expect(records.map(({ line, cells }) => [line, ...cells])).toEqual([
      [1, 'a', 'b'],
      [3, '1\n2', '3'],
      [4, '4', '5'],
      [6, '\n', '6'],
      [7, '7', '8'],
    ]);
  });

  test.each([1, 2, 100])(
    'are told of what is wrong with one of their lines, in parts of %i',
    async (partLines) => {
      const faults = new Map([
        [2, 'the second'],
        [4, 'the fourth'],
        [7, 'the seventh'],
      ]);
      const { records } = await read('a,b\nx\n1,"2\n3\n4",5\n6\ny\n', partLines, '\n', faults);
      expect(records.map(({ line, problem }) => [line, problem])).toEqual([
        [1, undefined],
        [2, 'the second'],
        [5, 'the fourth'],
        [6, undefined],
        [7, 'the seventh'],
      ]);
    },
  );

  test.each([
    ['a,b\n1,2\n3,4\n5,6"7\n', 4, 4, 'a quote may stand only in a cell that is in quotes itself', 3],
    ['a,b\n1,2\n3,"4\n5,6\n', 3, 3, 'the quote that opens here is never closed', 2],
    ['a,b\n"1\n2", "3" 4\n5,6\n', 3, 9, 'behind the closing quote', 1],
    ['"a"b\n', 1, 4, 'behind the closing quote', 0],
    ['Å🙂,Anna 5" One\n', 1, 10, 'a quote may stand only in a cell', 0],
  ])(
    'that are broken (%j) are told with line and column, after all before them',
    async (text, line, column, problem, before) => {
      for (const partLines of [1, 2, 100]) {
        const { records, problem: found } = await read(text, partLines);
        expect(found).toMatchObject({ line, column, problem: expect.stringContaining(problem) });
        expect(records).toHaveLength(before);
      }
    },
  );
});
