import sql from 'sql-template-tag';
import { uuidText } from '../../src/platform/storage/core/dialect';
import { select, tamper } from '../support/fixtures';
import {
  createLines,
  createValues,
  few,
  insertLines,
  insertValuesCommand,
  linesFrom,
  many,
  type Value,
} from '../support/lines';
import { serviceForTests } from '../support/testService';

describe.each([few, many])('%d new rows', (count) => {
  const api = serviceForTests();
  const stored = () => select<{ place: number; text: string | null }>(api, sql`select place, text from line`);
  const countLines = async () => (await stored()).length;
  beforeAll(() => tamper(api, createLines));
  beforeEach(() => tamper(api, sql`delete from line`));

  test('are stored as they are, whatever their texts hold', async () => {
    const hard = [
      null,
      '',
      '\\N',
      '\\.',
      '\\',
      'a\\tb\\',
      'a\tb',
      'a\nb\n',
      '\r\n',
      '"quoted", \'twice\'',
      '{braces,"and more"}',
      'null',
      'Å, 日本, 🙂',
      ' blanks ',
      '\b\f\v\u0001',
    ];
    const given = linesFrom(1, count);
    for (const [index, text] of hard.entries()) given[index] = [index + 1, text];
    expect(await insertLines(api, given)).toEqual([]);
    const found = await stored();
    expect(found.sort((one, other) => one.place - other.place)).toEqual(
      given.map(([place, text]) => ({ place, text })),
    );
  });

  test('are left out where their keys are taken, and keep what was there', async () => {
    await insertLines(api, [
      [7, 'old'],
      [count, 'old'],
    ]);
    expect(await insertLines(api, linesFrom(1, count))).toEqual([6, count - 1]);
    const found = await stored();
    expect(found).toHaveLength(count);
    expect(found.filter(({ text }) => text === 'old').map(({ place }) => place)).toEqual([7, count]);
    expect(await insertLines(api, linesFrom(1, count))).toEqual([...linesFrom(1, count).keys()]);
    expect(await countLines()).toBe(count);
  });

  test('leave nothing when the transaction fails after them', async () => {
    const fail = async () => {
      throw new Error('a bug');
    };
    await expect(insertLines(api, linesFrom(1, count), fail)).rejects.toThrow('a bug');
    expect(await countLines()).toBe(0);
  });

  test('leave nothing when one of them is refused, and the next transaction goes well', async () => {
    const bad = linesFrom(1, count);
    bad[count - 2] = [count - 1, 'refused'];
    // The driver's errors are of whatever file of tests has loaded it first, and no errors to toThrow.
    await expect(insertLines(api, bad)).rejects.toMatchObject({
      message: expect.stringMatching(/line_text_check|CHECK constraint failed/),
    });
    expect(await countLines()).toBe(0);
    expect(await insertLines(api, linesFrom(1, count))).toEqual([]);
  });
});

describe.each([few, many])('the values of %d new rows', (count) => {
  const api = serviceForTests();
  beforeAll(() => tamper(api, createValues));

  test('are stored as they are, whatever their type', async () => {
    const numbers = [
      ...[0, 1, -1, 2 ** 31 - 1, 2 ** 31, -(2 ** 31) - 1, 2 ** 32, 2 ** 32 - 1, -(2 ** 32)],
      ...[Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 1_795_279_962_132, null],
    ];
    const ids = ['00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff', null];
    // Some are longer than what is sent at a time.
    const texts = ['', 'é', '🙂'.repeat(100), 'x'.repeat(100_000), 'ü'.repeat(70_000), null];
    const given = Array.from({ length: count }, (_, place): Value => {
      const key = `0190163d-8694-739b-aea5-${place.toString(16).padStart(12, '0')}`;
      return [
        numbers[place % numbers.length] as number | null,
        [0, 1, null][place % 3] as number | null,
        place < ids.length ? (ids[place] as string | null) : key,
        place < 20 ? (texts[place % texts.length] as string | null) : `text ${place}`,
        key,
      ];
    });
    expect(await api.service.database.write(insertValuesCommand, [given])).toEqual([{ value: [] }]);
    type Stored = Record<'id' | 'key', Uint8Array | string> & Record<string, unknown>;
    const stored = await select<Stored>(api, sql`select number, flag, id, text, key from value order by key`);
    expect(
      stored.map(({ number, flag, id, text, key }) => [
        number,
        flag,
        id && uuidText(id),
        text,
        uuidText(key),
      ]),
    ).toEqual(given);
  });
});
