import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import sql from 'sql-template-tag';
import { generateEvents } from '../../seed/generateEvents';
import { untilAlone } from '../support/alone';
import { runCaretally } from '../support/cli';
import { databaseForTests, temporaryFolder } from '../support/databases';
import { select } from '../support/fixtures';
import { startTestService, type TestService } from '../support/testService';

const caregivers = 20;
const events = 150_000;

describe('an import that is killed', () => {
  const database = databaseForTests();
  const folder = temporaryFolder();
  const file = join(folder, 'events.csv');

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('goes on where it was when it is run again, and counts nothing twice', async () => {
    await runCaretally(database, ['seed', '--events', '1', '--caregivers', String(caregivers)]);
    writeFileSync(file, ['id,caregiver,event_type,occurred_at', ...lines()].join('\n'));

    const watching = await startTestService({ database });
    const command = join(__dirname, '..', '..', 'dist', 'src', 'cli.js');
    const child = spawn(process.execPath, [command, 'import', 'events', file], {
      env: { ...process.env, DATABASE_URL: database.url },
      stdio: 'ignore',
    });
    const ended = once(child, 'exit');
    // Some of it is in, and most of it is not.
    while ((await countEvents(watching)) < 2 && child.exitCode === null) await sleep(5);
    child.kill('SIGKILL');
    await ended;
    await watching.close();

    await untilAlone(database);
    const stored = (await countOnce()) - 1;
    expect(stored).toBeGreaterThan(0);
    expect(stored).toBeLessThan(events);

    const again = await runCaretally(database, ['import', 'events', file, '--json']);
    expect(JSON.parse(again.output)).toMatchObject({
      registered: events - stored,
      replayed: stored,
      rejected: 0,
    });
    expect(await countOnce()).toBe(events + 1);
    expect(await runCaretally(database, ['verify'])).toMatchObject({ exitCode: 0 });
  }, 180_000);

  function* lines(): Generator<string> {
    const plan = {
      seedNumber: 99,
      caregivers,
      eventTypeWeights: [1, 2, 3],
      fromMonth: 202201,
      toMonth: 202312,
      eventsPerMonth: events / caregivers / 24,
      events,
    };
    for (const event of generateEvents(plan)) {
      const occurredAt = new Date(event.occurredAtMs).toISOString();
      yield `${event.id},${event.caregiverIndex + 1},${event.eventTypeIndex + 1},${occurredAt}`;
    }
  }

  async function countEvents(api: TestService): Promise<number> {
    const [row] = await select<{ count: number }>(api, sql`select count(*) as count from event`);
    return row?.count ?? 0;
  }

  async function countOnce(): Promise<number> {
    const api = await startTestService({ database });
    try {
      return await countEvents(api);
    } finally {
      await api.close();
    }
  }
});
