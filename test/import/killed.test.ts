import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { generateEvents } from '../../seed/generateEvents';
import { runCaretally } from '../support/cli';
import { temporaryFolder } from '../support/testService';

const caregivers = 20;
const events = 150_000;

describe('an import that is killed', () => {
  const folder = temporaryFolder();
  const database = join(folder, 'killed.db');
  const file = join(folder, 'events.csv');

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('goes on where it was when it is run again, and counts nothing twice', async () => {
    await runCaretally(database, ['seed', '--events', '1', '--caregivers', String(caregivers)]);
    writeFileSync(file, ['id,caregiver,event_type,occurred_at', ...lines()].join('\n'));

    const command = join(__dirname, '..', '..', 'dist', 'src', 'cli.js');
    const child = spawn(process.execPath, [command, 'import', 'events', file], {
      env: { ...process.env, DATABASE_URL: `sqlite:${database}` },
      stdio: 'ignore',
    });
    const ended = once(child, 'exit');
    // Some of it is in, and most of it is not.
    while (countEvents() < 2 && child.exitCode === null) await sleep(5);
    child.kill('SIGKILL');
    await ended;
    const stored = countEvents() - 1;
    expect(stored).toBeGreaterThan(0);
    expect(stored).toBeLessThan(events);

    const again = await runCaretally(database, ['import', 'events', file, '--json']);
    expect(JSON.parse(again.output)).toMatchObject({
      registered: events - stored,
      replayed: stored,
      rejected: 0,
    });
    expect(countEvents()).toBe(events + 1);
    expect(await runCaretally(database, ['verify'])).toMatchObject({ exitCode: 0 });
  });

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

  function countEvents(): number {
    const connection = new Database(database, { readonly: true });
    const { count } = connection.prepare('select count(*) as count from event').get() as { count: number };
    connection.close();
    return count;
  }
});
