import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { unguardText } from '../../src/platform/values/csv';
import { runCaretally } from '../support/cli';
import { databaseForTests, temporaryFolder } from '../support/databases';
import { startTestService } from '../support/testService';

const id = (number: number) => `0190163d-8694-739b-aea5-${String(number).padStart(12, '0')}`;

describe('caretally import events', () => {
  const folder = temporaryFolder();
  const database = databaseForTests();
  const run = (...commandLine: string[]) => runCaretally(database, commandLine);
  const file = (name: string, content: string) => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const summary = async (...commandLine: string[]) => {
    const result = await run('import', 'events', ...commandLine, '--json');
    expect(result).toMatchObject({ exitCode: 0, errors: '' });
    return JSON.parse(result.output);
  };

  beforeAll(async () => {
    const service = await startTestService({ database });
    // Ids 1 to 4. The fourth one's external id is another one's id, as happens with numbers given by people.
    for (const [name, externalId] of [
      ['Anna Öberg', 'A-17'],
      ['Erik Ek', 'E-18'],
      ['Erik Ek', 'E-19'],
      ['Sara Dahl', '2'],
    ]) {
      await service.data(
        'mutation ($input: CreateCaregiverInput!) { createCaregiver(input: $input) { id } }',
        {
          input: { name, externalId },
        },
      );
    }
    await service.data(
      'mutation { createEventType(input: { name: "Home visit", amount: 42000, externalId: "HV" }) { id } }',
    );
    await service.close();
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('caregivers and event types are found by id, external id or name', async () => {
    const path = file(
      'good.csv',
      [
        'occurred_at,id,event_type,caregiver,remark',
        `2024-03-31T22:30:00Z,${id(1)},1,1,by id`,
        `2024-03-31T22:30:00+02:00,${id(2)},HV,A-17,by external id`,
        `1955-01-01T00:00:00Z,${id(3)},"Home visit","Anna Öberg",by name`,
      ].join('\r\n'),
    );
    expect(await summary(path)).toEqual({ registered: 3, replayed: 0, rejected: 0, rejectFile: null });
    expect(await summary(path)).toEqual({ registered: 0, replayed: 3, rejected: 0, rejectFile: null });
    expect((await run('import', 'events', path)).output).toMatch(
      /^Nothing to do: 3 events had been imported before/,
    );
    expect(existsSync(`${path}.rejects.csv`)).toBe(false);

    const service = await startTestService({ database });
    const { events } = await service.data(
      '{ events { nodes { id caregiver { name } month amount lateReason } } }',
    );
    expect(events.nodes).toEqual([
      { id: id(3), caregiver: { name: 'Anna Öberg' }, month: '1955-01', amount: 42000, lateReason: 'import' },
      { id: id(2), caregiver: { name: 'Anna Öberg' }, month: '2024-03', amount: 42000, lateReason: 'import' },
      { id: id(1), caregiver: { name: 'Anna Öberg' }, month: '2024-04', amount: 42000, lateReason: 'import' },
    ]);
    await service.close();
  });

  test('bad lines go to the reject file with number and reason, good ones go in', async () => {
    const path = file(
      'mixed.csv',
      [
        'id,caregiver,event_type,occurred_at',
        `${id(10)},1,1,2024-05-01T10:00:00Z`,
        `${id(11)},nobody,1,2024-05-01T10:00:00Z`,
        `${id(12)},1,nothing,2024-05-01T10:00:00Z`,
        `${id(13)},1,1,2024-05-01T10:00:00`,
        `E-14,1,1,2024-05-01T10:00:00Z`,
        `,1,1,2024-05-01T10:00:00Z`,
        `${id(16)},1,1`,
        `${id(17)},Erik Ek,1,2024-05-01T10:00:00Z`,
        `${id(18)},2,1,2024-05-01T10:00:00Z`,
        `${id(1)},1,1,2024-05-01T10:00:00Z`,
        `${id(20)},E-18,1,2150-05-01T10:00:00Z`,
        `${id(21)},E-18,1,2024-05-01T10:00:00Z`,
      ].join('\n'),
    );
    expect(await summary(path)).toEqual({
      registered: 2,
      replayed: 0,
      rejected: 10,
      rejectFile: `${path}.rejects.csv`,
    });
    const rejects = readFileSync(`${path}.rejects.csv`, 'utf8').trimEnd().split('\r\n');
    expect(rejects.shift()).toBe('line,code,reason,id,caregiver,event_type,occurred_at');
    expect(
      rejects
        .map((line) => line.split(',').slice(0, 2).join(' '))
        .sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10)),
    ).toEqual([
      '3 UNKNOWN_CAREGIVER',
      '4 UNKNOWN_EVENT_TYPE',
      '5 BAD_USER_INPUT',
      '6 BAD_USER_INPUT',
      '7 BAD_USER_INPUT',
      '8 BAD_USER_INPUT',
      '9 BAD_USER_INPUT',
      '10 BAD_USER_INPUT',
      '11 EVENT_ID_CONFLICT',
      '12 EVENT_IN_FUTURE',
    ]);
    expect(rejects.find((line) => line.startsWith('9,'))).toContain('fits 2 caregivers (ids 2, 3)');
    expect(rejects.find((line) => line.startsWith('3,'))).toContain(
      `,${id(11)},nobody,1,2024-05-01T10:00:00Z`,
    );
  });

  test('what a spreadsheet would take for a formula is guarded in the reject file, and can be read again', async () => {
    const names = ['=1+1', '@SUM(A1)', '＝1', 'x;=1', "'=1", 'Anna-Lena'];
    const path = file(
      'formulas.csv',
      [
        'id,caregiver,event_type,occurred_at',
        ...names.map((name, index) => `${id(60 + index)},${name},HV,2024-05-01T10:00:00Z`),
      ].join('\n'),
    );
    // Nothing was imported, and the exit code says so.
    const imported = async (file: string) => {
      const { exitCode, output } = await run('import', 'events', file, '--json');
      return { exitCode, ...JSON.parse(output) };
    };
    const readRejects = (of: string): { caregiver: string; reason: string }[] =>
      parse(readFileSync(`${of}.rejects.csv`), { columns: true });
    expect(await imported(path)).toMatchObject({ exitCode: 1, registered: 0, rejected: names.length });
    const rejects = readRejects(path);
    expect(rejects.map(({ caregiver }) => caregiver)).toEqual([
      "'=1+1",
      "'@SUM(A1)",
      "'＝1",
      "x;'=1",
      "''=1",
      'Anna-Lena',
    ]);
    expect(rejects.map(({ caregiver }) => unguardText(caregiver))).toEqual(names);
    // Imported itself, the reject file names whom it named: no apostrophe is added or lost.
    expect(await imported(`${path}.rejects.csv`)).toMatchObject({ exitCode: 1, rejected: names.length });
    expect(readRejects(`${path}.rejects.csv`).map(({ caregiver }) => caregiver)).toEqual(
      rejects.map(({ caregiver }) => caregiver),
    );
  });

  test('a file whose numbers are external ids can say so', async () => {
    const path = file(
      'numbers.csv',
      `id,caregiver,event_type,occurred_at\n${id(30)},2,HV,2024-06-01T10:00:00Z\n`,
    );
    expect(await summary(path, '--refer-by', 'external-id')).toMatchObject({ registered: 1 });
    const service = await startTestService({ database });
    const { event } = await service.data(`{ event(id: "${id(30)}") { caregiver { name } } }`);
    expect(event.caregiver.name).toBe('Sara Dahl');
    await service.close();
  });

  test('references are compared as names and external ids are kept', async () => {
    const occurred_at = '2024-08-01T10:00:00Z';
    const references = [
      ['Anna O\u0308berg', 'Home visit'],
      ['  Anna Öberg\u00a0', ' Home\u00a0visit '],
      ['Anna\u00a0Öberg', 'H\u00adV'],
      ['A\u2011-17'.replace('\u2011', '\u200b'), 'HV\ufeff'],
      [' 1 ', ' 1 '],
    ];
    const path = file(
      'forms.ndjson',
      references
        .map(([caregiver, event_type], index) =>
          JSON.stringify({ id: id(50 + index), caregiver, event_type, occurred_at }),
        )
        .join('\n'),
    );
    expect(await summary(path)).toEqual({ registered: 5, replayed: 0, rejected: 0, rejectFile: null });
    const byName = file(
      'byName.csv',
      `id,caregiver,event_type,occurred_at\n${id(60)},Anna O\u0308berg,Home visit,${occurred_at}\n`,
    );
    expect(await summary(byName, '--refer-by', 'name')).toMatchObject({ registered: 1, rejected: 0 });
  });

  test('a late reason that cannot be kept is refused before the file is read', async () => {
    const path = file(
      'late.csv',
      `id,caregiver,event_type,occurred_at\n${id(61)},1,1,2024-08-01T10:00:00Z\n`,
    );
    for (const reason of ['', '\u2800', '🙂'.repeat(501)]) {
      const refused = await run('import', 'events', path, '--late-reason', reason);
      expect(refused).toMatchObject({ exitCode: 1, output: '' });
      expect(refused.errors).toMatch(/^--late-reason must /);
    }
    const reason = '🙂'.repeat(500);
    expect(await summary(path, '--late-reason', ` ${reason} `)).toMatchObject({ registered: 1 });
    expect(await summary(path, '--late-reason', reason)).toMatchObject({ replayed: 1 });
  });

  test('NDJSON is read the same way', async () => {
    const path = file(
      'lines.ndjson',
      [
        JSON.stringify({ id: id(40), caregiver: 1, event_type: 'HV', occurred_at: '2024-07-01T10:00:00Z' }),
        '',
        '{"id": broken',
        '[1, 2]',
        JSON.stringify({
          id: id(41),
          caregiver: { id: 1 },
          event_type: 'HV',
          occurred_at: '2024-07-01T10:00:00Z',
        }),
        JSON.stringify({ id: id(42), caregiver: 1, event_type: 'HV' }),
      ].join('\n'),
    );
    const { rejectFile, ...counts } = await summary(path, '--rejects', join(folder, 'elsewhere.csv'));
    expect(counts).toEqual({ registered: 1, replayed: 0, rejected: 4 });
    expect(readFileSync(rejectFile, 'utf8')).toContain('3,BAD_USER_INPUT,the line is not JSON');
  });

  test('a file that cannot be read is told in a sentence, and nothing goes in', async () => {
    const missing = await run('import', 'events', join(folder, 'missing.csv'));
    expect(missing).toMatchObject({ exitCode: 1 });
    expect(missing.errors).toMatch(/^Cannot read .*missing\.csv \(ENOENT\)\.\n$/);
    const headless = await run('import', 'events', file('headless.csv', 'id,caregiver\n1,2\n'));
    expect(headless).toMatchObject({ exitCode: 1 });
    expect(headless.errors).toContain('event_type, occurred_at is missing');
    const text = await run('import', 'events', file('events.txt', ''));
    expect(text.errors).toContain('must end in .csv or .ndjson');
    expect(await run('verify')).toMatchObject({ exitCode: 0 });
  });
});
