import { once } from 'node:events';
import { createWriteStream, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../src/platform/errors';
import type { Service } from '../../src/platform/service';
import type { Command } from '../../src/platform/storage/core/writeQueue';
import { reimbursementCommands } from '../../src/reimbursements/commands';
import { importEvents } from '../../src/reimbursements/import/importEvents';
import { importSynthea } from '../../src/reimbursements/import/importSynthea';
import { runCaretally } from '../support/cli';
import { databaseForTests, temporaryFolder } from '../support/databases';
import { createCaregivers, createEventType } from '../support/fixtures';
import { startTestService, type TestService } from '../support/testService';
import { failureOf } from './failureOf';

/** As many lines as the import reads before it hands them on. */
const pieceLines = 10_000;
const columns = 'id,caregiver,event_type,occurred_at';
const megabyte = 1 << 20;

const folder = temporaryFolder();
const database = databaseForTests();
let api: TestService;

beforeAll(async () => {
  api = await startTestService({ database });
  await createCaregivers(api, 1);
  await createEventType(api);
});

afterAll(async () => {
  await api.close();
  rmSync(folder, { recursive: true, force: true });
});

const idOf = (group: number, number: number) =>
  `0190163d-8694-739b-${String(group).padStart(4, '0')}-${String(number).padStart(12, '0')}`;
const lineOf = (group: number, number: number, caregiver: string | number = 1) =>
  `${idOf(group, number)},${caregiver},1,2024-05-01T10:00:00Z`;
const linesOf = (group: number, count: number) =>
  Array.from({ length: count }, (_, number) => lineOf(group, number)).join('\n');

function file(name: string, content: string): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

const importFile = (path: string, service: Service = api.service) =>
  importEvents(service, path, { rejectFile: `${path}.rejects.csv`, referBy: 'id' });

/** The same service, whose database fails when events are written for the given time. */
function failingService(writes: number, error: Error): Service {
  let written = 0;
  const database = Object.create(api.service.database, {
    write: {
      value: <Input, Value>(command: Command<Input, Value>, inputs: readonly Input[]) => {
        if (command.name === reimbursementCommands(api.service).registerEvents.name) written += 1;
        if (written >= writes) return Promise.reject(error);
        return api.service.database.write(command, inputs);
      },
    },
  });
  return { ...api.service, database };
}

describe('a file whose quotes are wrong', () => {
  test('ends the import with line and column, after all before them; mended, it goes on from there', async () => {
    const before = pieceLines + 5;
    const lines = [
      columns,
      linesOf(1, before),
      lineOf(1, before, 'nobody'),
      lineOf(1, 99_999, 'Anna 5" One'),
      lineOf(1, 99_998),
    ];
    const path = file('quote.csv', lines.join('\n'));
    const { exitCode, errors } = await runCaretally(database, ['import', 'events', path, '--refer-by', 'id']);
    expect(exitCode).toBe(1);
    expect(errors).toBe(
      `${path}, line 10008, column 44: a quote may stand only in a cell that is in quotes itself, and there twice. ` +
        'Until then the import had come through 10,006 events: 10,005 were imported, 0 had been imported before, ' +
        `1 was refused (see ${path}.rejects.csv). Once that is mended, run the same command again: it goes on from there, ` +
        'and nothing is counted twice.\n',
    );
    expect(readFileSync(`${path}.rejects.csv`, 'utf8')).toContain('\n10007,UNKNOWN_CAREGIVER,');

    writeFileSync(path, lines.join('\n').replace('Anna 5" One', '1').replace('nobody', '1'));
    expect(await importFile(path)).toMatchObject({ registered: 3, replayed: before, rejected: 0 });
  });

  test('ends it soon, where a quote is never closed', async () => {
    const path = file('open.csv', `${columns}\n${linesOf(2, 3)}\n"${linesOf(3, 50_000)}`);
    expect(await failureOf(importFile(path))).toMatch(
      /open\.csv, line 5, column 1: the quote that opens here is not closed within 1,048,576 characters\. .* 3 events/,
    );
    const short = file('short.csv', `${columns}\n${linesOf(2, 3)}\n${idOf(2, 3)}, "1,1\n`);
    expect(await failureOf(importFile(short))).toMatch(
      /short\.csv, line 5, column 39: the quote that opens here is never closed\. .* 3 had been imported before/,
    );
  });

  test('ends the import of Synthea with file, line and column', async () => {
    const header = 'Id,NAME';
    file('organizations.csv', `${header}\n1,One\n2,"Two" too\n`);
    expect(await failureOf(importSynthea(api.service, folder, 'USD'))).toMatch(
      /organizations\.csv, line 3, column 9: behind the closing quote/,
    );
    file('organizations.csv', `${header},Name\n1,One,One\n`);
    expect(await failureOf(importSynthea(api.service, folder, 'USD'))).toMatch(
      /organizations\.csv, line 1: the header names the column "name" twice/,
    );
    file('organizations.csv', '');
    expect(await failureOf(importSynthea(api.service, folder, 'USD'))).toMatch(
      /organizations\.csv is empty: the first line must name the columns Id, NAME\./,
    );
  });
});

describe('a list in JSON', () => {
  test('that ends too early is an error, after what it has', async () => {
    const object = { id: idOf(4, 1), caregiver: 1, event_type: 1, occurred_at: '2024-05-01T10:00:00Z' };
    const path = file('cut.json', `[\n${JSON.stringify(object)},\n`);
    expect(await failureOf(importFile(path))).toMatch(
      /cut\.json, line 2: the file ends before its list does.* 1 was/,
    );
    writeFileSync(path, `[\n${JSON.stringify(object)}\n]\n`);
    expect(await importFile(path)).toMatchObject({ registered: 0, replayed: 1, rejected: 0 });
  });
});

describe('a line without end', () => {
  test.each([
    ['CSV', 'long.csv', `${columns}\n${lineOf(5, 1)}\n`, 'x', `\n${lineOf(5, 2)}\n`],
    ['CSV, in quotes', 'quoted.csv', `${columns}\n${lineOf(5, 1)}\n"`, 'x', `"\n${lineOf(5, 2)}\n`],
    ['CSV, of separators', 'separators.csv', `${columns}\n${lineOf(5, 1)}\n`, ',', `\n${lineOf(5, 2)}\n`],
    ['NDJSON', 'long.ndjson', `${json(5, 1)}\n{"note": "`, 'x', `"}\n${json(5, 2)}\n`],
    ['NDJSON, of brackets', 'deep.ndjson', `${json(5, 1)}\n`, '[', `\n${json(5, 2)}\n`],
  ])('is refused unread in %s, and its neighbours go in', async (_which, name, before, filling, after) => {
    const path = join(folder, name);
    const out = createWriteStream(path);
    out.write(before);
    for (let written = 0; written < 40; written += 1) {
      if (!out.write(filling.repeat(megabyte))) await once(out, 'drain');
    }
    out.end(after);
    await once(out, 'close');
    const summary = await importFile(path);
    expect(summary).toMatchObject({
      rejected: 1,
      firstRefused: { reason: 'the line is longer than 1,048,576 bytes.' },
    });
    expect(summary.registered + summary.replayed).toBe(2);
    // The line itself is nowhere kept.
    expect(readFileSync(`${path}.rejects.csv`).length).toBeLessThan(1_000);
    rmSync(path);
  });

  test('is one only beyond the limit: the last line of a file, too', async () => {
    const [start, end] = [`${lineOf(6, 1)},`, `${lineOf(6, 2)},`];
    const fill = (line: string, bytes: number) => line + 'x'.repeat(bytes - line.length);
    const header = `${columns},note\n`;
    expect(
      await importFile(file('most.csv', `${header}${fill(start, megabyte)}\n${fill(end, megabyte)}`)),
    ).toMatchObject({ registered: 2, rejected: 0 });
    expect(
      await importFile(file('more.csv', `${header}${fill(start, megabyte + 1)}\n${fill(end, megabyte + 1)}`)),
    ).toMatchObject({ registered: 0, rejected: 2, firstRefused: { line: 2 } });
    expect(
      await importFile(file('header.csv', `${columns},${'x'.repeat(megabyte)}\n`)).catch(String),
    ).toMatch(/header\.csv, line 1: the line is longer than/);
  });

  test('of a cell that nothing stored is as long as is refused without showing it', async () => {
    const path = file('cell.csv', `${columns}\n${lineOf(7, 1, 'x'.repeat(100_000))}\n${lineOf(7, 2)}`);
    expect(await importFile(path)).toMatchObject({
      registered: 1,
      rejected: 1,
      firstRefused: { line: 2, reason: 'caregiver must be at most 2000 characters long.' },
    });
  });
});

describe('a database that fails', () => {
  const lost = () =>
    new AppError('UNAVAILABLE', 'The database cannot be reached. Nothing was done; send this again.');

  test('ends the import with how far it came, and nothing is said to be undone or refused', async () => {
    const path = file('failing.csv', `${columns}\n${linesOf(8, 3 * pieceLines)}`);
    const message = await failureOf(importFile(path, failingService(2, lost())));
    expect(message).toMatch(
      /^The database could not be written any more\. Until then the import had come through 10,000 events: 10,000 were imported, 0 had been imported before\. What came next may be in, too\. Run the same command again once the database is back/,
    );
    expect(message).not.toContain('Nothing was done');
    const again = await importFile(path);
    expect(again).toMatchObject({ registered: 2 * pieceLines, replayed: pieceLines, rejected: 0 });
  });

  test('is not taken for a refusal where it fails some of a piece alone', async () => {
    const { database } = api.service;
    const partly = Object.create(database, {
      write: {
        value: async <Input, Value>(command: Command<Input, Value>, inputs: readonly Input[]) => [
          ...(await database.write(command, inputs.slice(0, 3))),
          ...inputs.slice(3).map(() => ({ error: lost() })),
        ],
      },
    });
    const path = file('partly.csv', `${columns}\n${linesOf(9, 10)}`);
    expect(await failureOf(importFile(path, { ...api.service, database: partly }))).toMatch(
      /had come through 3 events: 3 were imported/,
    );
    expect(await importFile(path)).toMatchObject({ registered: 7, replayed: 3, rejected: 0 });
  });

  test('ends the import of Synthea with how far it came', async () => {
    const export_ = join(__dirname, 'synthea');
    expect(await failureOf(importSynthea(failingService(1, lost()), export_, 'USD'))).toMatch(
      /^The database could not be written any more\. Until then units, caregivers and event types were created\./,
    );
  });
});

test('a thread that ends without a word ends the import, which says how far it came', async () => {
  // Node loads this in every thread; the one that reads the file ends once it has handed on a piece.
  const ending = file(
    'ending.js',
    `const { isMainThread, parentPort, workerData } = require('node:worker_threads');
     if (!isMainThread && workerData && workerData.rejectFile) {
       const post = parentPort.postMessage.bind(parentPort);
       parentPort.postMessage = (message) => { post(message); parentPort.once('message', () => process.exit(0)); };
     }`,
  );
  const path = file('ending.csv', `${columns}\n${linesOf(10, 2 * pieceLines)}`);
  const { exitCode, errors } = await runCaretally(database, ['import', 'events', path], {
    NODE_OPTIONS: `--require ${ending}`,
  });
  expect(exitCode).toBe(1);
  expect(errors).toMatch(
    /^The thread that reads .*ending\.csv ended before it was done \(exit code 0\)\. Until then the import had come through [12]0,000 events/m,
  );
});

/** A line of NDJSON. */
function json(group: number, number: number): string {
  const [id, caregiver, event_type, occurred_at] = lineOf(group, number).split(',');
  return JSON.stringify({ id, caregiver, event_type, occurred_at });
}
