import {
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type EventsSummary, importEvents } from '../../src/reimbursements/import/importEvents';
import { runCaretally } from '../support/cli';
import { databaseForTests, temporaryFolder } from '../support/databases';
import { findEvent } from '../support/fixtures';
import { startTestService, type TestService } from '../support/testService';
import { failureOf } from './failureOf';

const id = (number: number) => `0190163d-8694-739b-aea5-${String(number).padStart(12, '0')}`;
const columns = 'id,caregiver,event_type,occurred_at';
const at = '2024-05-01T10:00:00Z';
/** Each event of this file has an id of its own. */
let used = 0;
const nextId = () => {
  used += 1;
  return id(used);
};

const folder = temporaryFolder();
const database = databaseForTests();
let api: TestService;

const file = (name: string, content: string | Buffer) => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const rejectsOf = (path: string) => `${path}.rejects.csv`;
const readRejects = (path: string) => readFileSync(rejectsOf(path), 'utf8').trimEnd().split('\r\n').slice(1);
const command = (...commandLine: string[]) => runCaretally(database, ['import', 'events', ...commandLine]);
const importFile = (
  path: string,
  options: { rejectFile?: string; lateReason?: string } = {},
): Promise<EventsSummary> =>
  importEvents(api.service, path, { rejectFile: rejectsOf(path), referBy: 'any', ...options });
const importText = (name: string, content: string | Buffer) => importFile(file(name, content));
const caregiverOf = async (eventId: string) =>
  (await api.data(`{ event(id: "${eventId}") { caregiver { name } } }`)).event.caregiver.name;

/** Makes something, and answers its path. */
function made(path: string, make: (path: string) => void): string {
  make(path);
  return path;
}

beforeAll(async () => {
  api = await startTestService({ database });
  for (const [name, externalId] of [
    ['Anna Ett', '9007199254740992'],
    ['Berit Två', '9007199254740993'],
    ['Åsa Öberg', 'A-1'],
    ['Noll Noll', '0'],
    ['Tusen', '1000'],
  ]) {
    await api.data('mutation ($input: CreateCaregiverInput!) { createCaregiver(input: $input) { id } }', {
      input: { name, externalId },
    });
  }
  await api.data(
    'mutation { createEventType(input: { name: "Home visit", amount: 42000, externalId: "HV" }) { id } }',
  );
});

afterAll(async () => {
  await api.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('NDJSON', () => {
  const line = (caregiver: string, rest = '') =>
    `{"id": "${nextId()}", "caregiver": ${caregiver}, "event_type": "HV", "occurred_at": "${at}"${rest}}`;

  test('a number that is not plainly a whole and exact one names nobody', async () => {
    const numbers = [
      '9007199254740993',
      '9007199254740992',
      '1.0',
      '1e3',
      '10e2',
      '-0',
      '-3',
      '4503599627370497.3',
      '1e400',
    ];
    const path = file('numbers.ndjson', numbers.map((number) => line(number)).join('\n'));
    expect(await importFile(path)).toMatchObject({ registered: 0, rejected: numbers.length });
    const rejects = readRejects(path);
    for (const [place, number] of numbers.entries()) {
      expect(rejects[place]).toContain(
        `caregiver is the number ${number}: a number must be a whole one in plain digits`,
      );
      // As it stood in the file, guarded as a text.
      expect(rejects[place]).toContain(`,${number.replace('-', "'-")},HV,`);
    }
  });

  test('the same digits as a text, and small whole numbers, name whom they name', async () => {
    const [one, two, three] = [line('"9007199254740993"'), line('"9007199254740992"'), line('3')];
    expect(await importText('texts.ndjson', [one, two, three].join('\n'))).toMatchObject({ registered: 3 });
    const names = [used - 2, used - 1, used].map((number) => caregiverOf(id(number)));
    expect(await Promise.all(names)).toEqual(['Berit Två', 'Anna Ett', 'Åsa Öberg']);
  });

  test('a key that stands twice is refused, in whatever letters, and no key but the columns means anything', async () => {
    const path = file(
      'keys.ndjson',
      [
        line('"A-1"', ', "caregiver": "1000"'),
        line('"A-1"', ', "c\\u0061regiver": "1000"'),
        line('"A-1"', ', "Caregiver": "1000"'),
        line('"A-1"', ', "note": {"a": 1, "a": 2}'),
        line('"A-1"', ', "__proto__": {"caregiver": "1000"}, "constructor": null, "note": [1e999, -0]'),
      ].join('\n'),
    );
    expect(await importFile(path)).toMatchObject({ registered: 1, rejected: 4 });
    expect(await caregiverOf(id(used))).toBe('Åsa Öberg');
    const reasons = readRejects(path).map((reject) => reject.split(',BAD_USER_INPUT,')[1]);
    expect(reasons[0]).toContain('the line is not JSON (column 127: the key ""caregiver"" stands twice)');
    expect(reasons[1]).toContain('""caregiver"" stands twice');
    expect(reasons[2]).toContain('the column caregiver stands twice');
    expect(reasons[3]).toContain('the key ""a"" stands twice');
  });

  test('what is wrong is told with its column; depth and halves of characters are refused, the rest goes in', async () => {
    const path = file(
      'wrong.ndjson',
      [
        line('"A-1"'),
        line('"A-1"').slice(0, -1),
        line('"\\ud83d"'),
        line('"A-1"', `, "note": ${'['.repeat(100_000)}`),
        line('true'),
        line('"A-1"').replace(`"${at}"`, '1714557600000'),
        line('"A-1"'),
      ].join('\n'),
    );
    expect(await importFile(path)).toMatchObject({ registered: 2, rejected: 5 });
    const rejects = readRejects(path);
    expect(rejects[0]).toMatch(
      /^2,BAD_USER_INPUT,the line is not JSON \(column \d+: a comma or } must stand here\)/,
    );
    expect(rejects[1]).toContain('holds half of a surrogate pair');
    expect(rejects[2]).toContain('deep inside each other');
    expect(rejects[3]).toContain('caregiver must be a text or a number');
    expect(rejects[4]).toContain('occurred_at must be a text');
  });

  test('a byte order mark, capitals and blanks in keys, and U+2028 inside a text cost no line', async () => {
    const text = [
      `\uFEFF${line('"A-1"')}`,
      line('"A-1"').replace('"id"', '"ID"').replace('"caregiver"', '" Caregiver "'),
      line('"A-1"', ', "note": "one\u2028line\u2029only\u0085"'),
      line('"A-1"'),
    ].join('\r\n');
    expect(await importText('mark.ndjson', text)).toMatchObject({ registered: 4, rejected: 0 });
  });
});

describe('CSV', () => {
  const row = (separator = ',', caregiver = 'A-1') => [nextId(), caregiver, 'HV', at].join(separator);

  test.each([
    ['semicolons', ';', ''],
    ['tabs', '\t', ''],
    ['sep=; before the header', ';', 'sep=;\r\n'],
    ['sep=| before the header', '|', 'sep=|\r\n'],
    ['"sep=\t" before the header', '\t', '"sep=\t"\n'],
    ['sep=, before the header', ',', 'SEP=,\n'],
  ])('is read with %s', async (_which, separator, before) => {
    const header = ['Note', ' ID ', 'CareGiver', '"event_type"', 'Occurred_At'].join(separator);
    const rows = ['"a,b;c|d"', 'a'].map((note) => `${note}${separator}${row(separator)}`);
    const wrong = `a${separator}${row(separator, 'nobody')}`;
    const path = file('separated.csv', `${before}${[header, ...rows, wrong].join('\r\n')}\r\n`);
    expect(await importFile(path)).toMatchObject({ registered: 2, rejected: 1 });
    expect(readRejects(path)[0]).toMatch(before === '' ? /^4,UNKNOWN_CAREGIVER/ : /^5,UNKNOWN_CAREGIVER/);
  });

  test.each([
    ['UTF-16, least byte first', (text: string) => Buffer.from(`\uFEFF${text}`, 'utf16le')],
    ['UTF-16, greatest byte first', (text: string) => Buffer.from(`\uFEFF${text}`, 'utf16le').swap16()],
    ['UTF-16 without a mark, least byte first', (text: string) => Buffer.from(text, 'utf16le')],
    ['UTF-16 without a mark, greatest byte first', (text: string) => Buffer.from(text, 'utf16le').swap16()],
    ['UTF-8 with a mark', (text: string) => Buffer.from(`\uFEFF${text}`)],
  ])('and NDJSON are read in %s', async (_which, encode) => {
    // Longer than what is read at once, so that characters lie across its borders.
    const note = '🙂å'.repeat(200);
    const rows = Array.from({ length: 400 }, () => `${row(',', 'Åsa Öberg')},${note}`);
    const csv = await importText('encoded.csv', encode([`${columns},note`, ...rows].join('\n')));
    expect(csv).toMatchObject({ registered: 400, rejected: 0 });
    const object = { id: nextId(), caregiver: 'Åsa Öberg', event_type: 'HV', occurred_at: at };
    const ndjson = await importText('encoded.ndjson', encode(JSON.stringify(object)));
    expect(ndjson).toMatchObject({ registered: 1, rejected: 0 });
  });

  test('UTF-32 is refused by name', async () => {
    const units = [...`\uFEFF${columns}\n`].map((character) => character.codePointAt(0) as number);
    const bytes = Buffer.alloc(units.length * 4);
    for (const [place, unit] of units.entries()) bytes.writeUInt32LE(unit, place * 4);
    const path = file('wide.csv', bytes);
    expect(await failureOf(importFile(path))).toBe(
      `${path} is in UTF-32; save it as UTF-8. Nothing was imported.`,
    );
  });

  test('a line that is not UTF-8 is refused by its number, and no character is put in the place of another', async () => {
    const latin = [row(',', 'Åsa Öberg'), row(',', 'Åsa Öberg'), row()];
    const bytes = [
      Buffer.from(`${columns}\n${latin[0]}\n`),
      Buffer.from(`${latin[1]}\n`, 'latin1'),
      Buffer.from(`${latin[2]}\n`),
    ];
    const path = file('latin.csv', Buffer.concat(bytes));
    expect(await importFile(path)).toMatchObject({
      registered: 2,
      rejected: 1,
      firstRefused: { line: 3, reason: 'the line is not UTF-8 (column 38); save the file as UTF-8.' },
    });
    const halfPair = Buffer.concat([
      Buffer.from(`\uFEFF${columns}\n${row(',', '\ud83d')}\n${row()}\n`, 'utf16le'),
    ]);
    expect(await importText('half.csv', halfPair)).toMatchObject({
      registered: 1,
      rejected: 1,
      firstRefused: { line: 2 },
    });
    const object = `{"id": "${nextId()}", "caregiver": "Åsa Öberg", "event_type": "HV", "occurred_at": "${at}"}`;
    expect(await importText('latin.ndjson', Buffer.from(`\n${object}`, 'latin1'))).toMatchObject({
      registered: 0,
      firstRefused: { line: 2, reason: expect.stringContaining('the line is not UTF-8 (column 62)') },
    });
  });

  test('lines of separators alone are blank lines, before the header, too', async () => {
    const path = file(
      'blank.csv',
      [
        '',
        ';;;',
        `${columns.replaceAll(',', ';')}`,
        ';;;',
        row(';'),
        ' ; ; ;',
        '',
        '"";;;',
        row(';'),
        ';;;',
      ].join('\n'),
    );
    expect(await importFile(path)).toMatchObject({ registered: 2, rejected: 0 });
  });

  test('times with a blank and ids in other spellings are understood', async () => {
    const [one, two, three] = [nextId(), nextId(), nextId()];
    const path = file(
      'spellings.csv',
      [
        columns,
        `urn:uuid:${one},A-1,HV,2024-05-01 10:00:00Z`,
        `{${two.toUpperCase()}},A-1,HV,2024-05-01 12:00:00.5+02:00`,
        `URN:UUID:${three.toUpperCase()},A-1,HV,2024-05-01T10:00:00Z`,
        `{${nextId()},A-1,HV,2024-05-01T10:00:00Z`,
        `urn:uuid:{${nextId()}},A-1,HV,2024-05-01T10:00:00Z`,
        `${nextId()},A-1,HV,2024-05-01  10:00:00Z`,
        `${nextId()},A-1,HV,2024-05-01 10:00:00`,
      ].join('\n'),
    );
    expect(await importFile(path)).toMatchObject({ registered: 3, rejected: 4 });
    expect((await findEvent(api, one))?.occurredAt).toBe('2024-05-01T10:00:00.000Z');
    expect((await findEvent(api, two))?.occurredAt).toBe('2024-05-01T10:00:00.500Z');
  });

  test.each([
    [
      'id,caregiver,event_type,occurred_at,caregiver',
      'names the column "caregiver" twice (as the 2nd and the 5th)',
    ],
    ['id,caregiver,event_type,occurred_at, ID ', 'names the column "id" twice (as the 1st and the 5th)'],
    [
      'id,caregiver,event_type,occurred_at,note,note',
      'names the column "note" twice (as the 5th and the 6th)',
    ],
    [
      '\uFEFFsep=,\nid,id,caregiver,event_type,occurred_at',
      ', line 2: the header names the column "id" twice',
    ],
  ])('the header %j is refused', async (header, problem) => {
    expect(await failureOf(importText('twice.csv', `${header}\n${row()},x\n`))).toContain(problem);
  });

  test('columns without a name may stand at the end', async () => {
    expect(await importText('nameless.csv', `${columns},,\n${row()},,\n`)).toMatchObject({ registered: 1 });
  });
});

describe('a file with nothing in it', () => {
  test.each([
    ['nothing.csv', ''],
    ['mark.csv', '\uFEFF'],
    ['blanks.csv', '\n \r\n,,,\n'],
    ['nothing.ndjson', ''],
    ['blanks.ndjson', '\n\n'],
    ['nothing.json', ''],
  ])('%s is an error that says so', async (name, content) => {
    expect(await failureOf(importText(name, content))).toMatch(
      / is empty: .*id, caregiver, event_type, occurred_at.* Nothing was imported\.$/,
    );
  });

  test('a file without a header is an error, one with a header alone has no events', async () => {
    const headless = await command(file('headless.csv', `${id(900)},A-1,HV,${at}\n`));
    expect(headless).toMatchObject({ exitCode: 1, output: '' });
    expect(headless.errors).toContain(
      'must name the columns id, caregiver, event_type, occurred_at; id, caregiver',
    );
    expect(await command(file('header.csv', `${columns}\n`))).toEqual({
      exitCode: 0,
      output: 'Nothing to do: the file has no events.\n',
      errors: '',
    });
  });
});

describe('what was refused', () => {
  const good = () => `${nextId()},A-1,HV,${at}`;
  const bad = () => `${nextId()},nobody,HV,${at}`;

  test('is counted and told with its first line; when it is all, the command has failed', async () => {
    const all = file('all.csv', [columns, bad(), bad()].join('\n'));
    const failed = await command(all);
    expect(failed).toMatchObject({ exitCode: 1, errors: '' });
    expect(failed.output).toBe(
      `Imported 0 events (0 had been imported before). Refused 2 lines: see ${rejectsOf(all)} for the reasons. ` +
        'The first is line 2: There is no caregiver "nobody".\n',
    );
    expect(await command(all, '--json')).toMatchObject({
      exitCode: 1,
      output: expect.stringContaining('"rejected":2'),
    });
    const some = await command(file('some.csv', [columns, good(), good(), bad()].join('\n')));
    expect(some).toMatchObject({
      exitCode: 0,
      output: expect.stringContaining('The first is line 4: There is no'),
    });
  });

  test('goes away with the run that refuses nothing', async () => {
    const lines = [good(), bad()];
    const path = file('mended.csv', [columns, ...lines].join('\n'));
    expect(await importFile(path)).toMatchObject({ registered: 1, rejected: 1 });
    expect(statSync(rejectsOf(path)).mode & 0o777).toBe(0o600);
    writeFileSync(path, [columns, ...lines].join('\n').replace('nobody', 'A-1'));
    expect(await importFile(path)).toMatchObject({ registered: 1, replayed: 1, rejected: 0 });
    expect(existsSync(rejectsOf(path))).toBe(false);
  });

  test('can be mended and imported where it lies', async () => {
    const path = file(
      'rejects.csv',
      [`${columns},late_reason`, bad(), `${bad()},"snow; 2"`, good()].join('\n'),
    );
    expect(await importFile(path)).toMatchObject({ registered: 0, rejected: 3 });
    const mended = readFileSync(rejectsOf(path), 'utf8').replaceAll('nobody', 'A-1');
    expect(await importText('mended-rejects.csv', mended)).toMatchObject({ registered: 3, rejected: 0 });
    expect((await findEvent(api, id(used - 1)))?.lateReason).toBe('snow; 2');
  });

  test.each([
    ['the input itself', (input: string) => input, 'that is the file to import'],
    [
      'another name of the input',
      (input: string) => `${folder}/../${folder.split('/').at(-1)}/${input.split('/').at(-1)}`,
      'that is the file to import',
    ],
    [
      'a hard link to the input',
      (input: string) => made(`${input}.hard`, (path) => linkSync(input, path)),
      'that is the file to import',
    ],
    [
      'a symbolic link to the input',
      (input: string) => made(`${input}.soft`, (path) => symlinkSync(input, path)),
      'that is the file to import',
    ],
    ['a folder', (input: string) => made(`${input}.d`, mkdirSync), 'is no file'],
    ['a folder that is not there', (input: string) => `${input}.none/rejects.csv`, '(ENOENT)'],
    ['a file in the place of a folder', (input: string) => `${input}/rejects.csv`, '(ENOTDIR)'],
    [
      'a file of somebody',
      (input: string) => made(`${input}.own`, (path) => writeFileSync(path, 'precious')),
      'is no reject file',
    ],
  ])('cannot go to %s: nothing is read then', async (which, rejects, problem) => {
    const name = `to-${which.replaceAll(' ', '-')}.csv`;
    const content = [columns, good(), bad()].join('\n');
    const path = file(name, content);
    const message = await failureOf(importFile(path, { rejectFile: rejects(path) }));
    expect(message).toContain(problem);
    expect(message).toContain('--rejects');
    expect(readFileSync(path, 'utf8')).toBe(content);
    expect(await findEvent(api, id(used - 1))).toBeNull();
    if (which === 'a file of somebody') expect(readFileSync(`${path}.own`, 'utf8')).toBe('precious');
  });

  test('that cannot be written is told by the command in a sentence', async () => {
    const path = file('unwritable.csv', [columns, bad()].join('\n'));
    const { exitCode, errors } = await command(path, '--rejects', join(folder, 'missing', 'rejects.csv'));
    expect(exitCode).toBe(1);
    expect(errors).toMatch(
      /^Cannot write refused lines to .*rejects\.csv \(ENOENT\)\. Check its folder.*\n$/,
    );
  });
});
