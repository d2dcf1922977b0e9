import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sql from 'sql-template-tag';
import { runCaretally } from '../support/cli';
import { databaseForTests, temporaryFolder } from '../support/databases';
import { createCaregivers, createEventType, findEvent, readTally, remove, select } from '../support/fixtures';
import { startTestService } from '../support/testService';

/** More than one transaction of an import takes. */
const lines = 60_000;
const amount = 100;
const day = Date.parse('2024-01-01T12:00:00Z');

/** Ids in no order: neighbours in the file are far from each other in the index. */
function id(line: number): string {
  return `${((line * 2_654_435_761) % 2 ** 32).toString(16).padStart(8, '0')}-8694-439b-aea5-${String(line).padStart(12, '0')}`;
}

/** Lines of two caregivers, an hour apart, with what is given in their places. */
function csv(from: number, to: number, instead: Record<number, string> = {}): string {
  const text = ['id,caregiver,event_type,occurred_at'];
  for (let line = from; line <= to; line += 1) {
    text.push(instead[line] ?? `${id(line)},${(line % 2) + 1},1,${at(line)}`);
  }
  return text.join('\n');
}

function at(line: number): string {
  return new Date(day + (line % 4_000) * 3_600_000).toISOString();
}

describe('a large import', () => {
  const database = databaseForTests();
  const folder = temporaryFolder();
  const lateReason = String.raw`from "C:\new\table" \. \N 'x', {y} 日本`;

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  async function importEvents(name: string, content: string) {
    const path = join(folder, name);
    writeFileSync(path, content);
    const commandLine = ['import', 'events', path, '--refer-by', 'id', '--late-reason', lateReason, '--json'];
    const { exitCode, output, errors } = await runCaretally(database, commandLine);
    if (exitCode !== 0) throw new Error(errors);
    const { rejectFile, ...counts } = JSON.parse(output);
    const rejects =
      rejectFile === null ? [] : readFileSync(rejectFile, 'utf8').trimEnd().split('\r\n').slice(1);
    return { counts, rejects };
  }

  test('tells replays, conflicts and doubles apart, line by line, and counts each event once', async () => {
    const before = await startTestService({ database });
    await createCaregivers(before, 2);
    await createEventType(before, { amount });
    await before.close();

    // A third of it is there before, and the seventh was deleted: its id stays taken.
    const first = await importEvents('first.csv', csv(1, 20_000));
    expect(first).toEqual({ counts: { registered: 20_000, replayed: 0, rejected: 0 }, rejects: [] });
    const middle = await startTestService({ database });
    await remove(middle, id(7), 'a mistake');
    await middle.close();

    // New ids that come twice do so in one piece of the file: of two pieces either may be first on PostgreSQL.
    const second = await importEvents(
      'second.csv',
      csv(1, lines, {
        8: `${id(8)},2,1,${at(8)}`,
        30000: `${id(29_999)},${(29_999 % 2) + 1},1,${at(29_999)}`,
        30500: `${id(30_400)},${(30_400 % 2) + 1},1,${at(1)}`,
        45000: `${id(3)},2,1,${at(3)}`,
        45001: `${id(3)},1,1,${at(3)}`,
        59999: `${id(4)},1,1,${at(5)}`,
      }),
    );
    expect(second.counts).toEqual({
      registered: lines - 20_000 - 5,
      replayed: 20_000 - 1 + 2,
      rejected: 4,
    });
    expect(second.rejects.map((line) => line.split(',').slice(0, 2).join(' '))).toEqual(
      ['9', '30501', '45002', '60000'].map((line) => `${line} EVENT_ID_CONFLICT`),
    );
    const reasonOf = (line: number) => second.rejects.find((text) => text.startsWith(`${line},`));
    expect(reasonOf(9)).toContain('another caregiverId');
    expect(reasonOf(45_002)).toContain('another caregiverId');
    expect(reasonOf(60_000)).toContain('another occurredAt');

    const api = await startTestService({ database });
    const stored = lines - 5;
    const [found] = await select<{ count: number; reasons: number }>(
      api,
      sql`select count(*) as count, count(distinct late_reason) as reasons from event`,
    );
    expect(found).toEqual({ count: stored, reasons: 1 });
    expect(await findEvent(api, id(lines))).toMatchObject({ lateReason });
    expect(await readTally(api, {})).toMatchObject({
      owed: { events: stored - 1, amount: (stored - 1) * amount },
    });
    await api.close();
    expect(await runCaretally(database, ['verify'])).toMatchObject({ exitCode: 0 });
  }, 300_000);
});
