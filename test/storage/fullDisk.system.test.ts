import { type ChildProcess, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import sql from 'sql-template-tag';
import { sqliteFile, temporaryFolder } from '../support/databases';
import { mayMount, onOwnDisk } from '../support/disk';
import { findDrift, registerEvent, select } from '../support/fixtures';
import { RunningService } from '../support/runningService';
import { spawnService } from '../support/serviceProcess';
import { startTestService } from '../support/testService';

/** A way to keep a running process from writing its files, and to let it write again. */
interface Trouble {
  name: string;
  start(folder: string): ChildProcess;
  begin(child: ChildProcess, folder: string): void;
  end(child: ChildProcess, folder: string): void;
}

function run(command: string, ...given: string[]): void {
  const { status, stderr } = spawnSync(command, given, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${given.join(' ')}: ${stderr}`);
}

const environment = (folder: string) => ({
  ...process.env,
  DATABASE_URL: `sqlite:${join(folder, 'care.db')}`,
  LOG_LEVEL: 'info',
});
const start = (folder: string) => spawnService(environment(folder));
const files = (folder: string) => [join(folder, 'care.db'), join(folder, 'care.db-wal')];

/** The kernel lets the process write not one byte more to any file: everybody may do that to a process of theirs. */
const noRoom: Trouble = {
  name: 'may not write another byte',
  start,
  begin: (child) => run('prlimit', '--pid', String(child.pid), '--fsize=0:unlimited'),
  end: (child) => run('prlimit', '--pid', String(child.pid), '--fsize=unlimited:unlimited'),
};

/** A real disk of its own, of some megabytes, and filled to the last; where the tests may mount one. */
const fullDisk: Trouble = {
  name: 'is on a full disk',
  start(folder) {
    const disk = join(folder, 'disk');
    mkdirSync(disk);
    return spawnService(environment(disk), undefined, onOwnDisk(disk));
  },
  begin(child, folder) {
    const filler = join(`/proc/${child.pid}/root`, folder, 'disk', 'filler');
    expect(() => {
      for (let part = 0; ; part += 1) writeFileSync(`${filler}${part}`, Buffer.alloc(4_096));
    }).toThrow(/ENOSPC/);
  },
  end(child, folder) {
    const disk = join(`/proc/${child.pid}/root`, folder, 'disk');
    for (let part = 0; part < 100; part += 1) rmSync(join(disk, `filler${part}`), { force: true });
  },
};

/** Files that nobody may change; where the tests may make such. */
const readOnly: Trouble = {
  name: 'has files that can only be read',
  start,
  begin: (_child, folder) => run('chattr', '+i', ...files(folder)),
  end: (_child, folder) => run('chattr', '-i', ...files(folder)),
};
/** A folder on a disk: files in memory stay writable for whoever has them open. */
const newFolder = () => temporaryFolder('/var/tmp');
function maySeal(): boolean {
  if (process.env.CI) return true;
  const folder = newFolder();
  const file = join(folder, 'file');
  writeFileSync(file, '');
  const sealed = spawnSync('chattr', ['+i', file]).status === 0;
  if (sealed) run('chattr', '-i', file);
  rmSync(folder, { recursive: true });
  return sealed;
}

const troubles = [noRoom, ...(mayMount ? [fullDisk] : []), ...(maySeal() ? [readOnly] : [])];

let folder: string;
let service: RunningService;
/** Also when the test fails, so that its files can be removed. */
let undo: (() => void) | undefined;
beforeEach(() => {
  folder = newFolder();
});
afterEach(async () => {
  undo?.();
  undo = undefined;
  await service?.remove();
  rmSync(folder, { recursive: true, force: true });
});

const report = '{ report { totals { currency total { events } } } events { nodes { id } } }';

test.each(troubles)(
  'a service that $name refuses writes, goes on reading, and recovers by itself',
  async (trouble) => {
    service = await RunningService.of(trouble.start(folder));
    const made = await service.data(`mutation {
    caregiver: createCaregiver(input: { name: "Anna" }) { id }
    eventType: createEventType(input: { name: "Visit", amount: 100 }) { id }
  }`);
    const acknowledged: string[] = [];
    const write = async () => {
      const id = randomUUID();
      const input = {
        id,
        caregiverId: made.caregiver.id,
        eventTypeId: made.eventType.id,
        occurredAt: '2026-03-10T12:00:00Z',
        lateReason: 'entered later',
      };
      const answer = await service.ask(registerEvent, { input });
      if (answer.status === 200 && !answer.errors) acknowledged.push(id);
      return answer;
    };
    const totalOf = async () => (await service.data(report)).report.totals[0].total.events;
    for (let count = 0; count < 20; count += 1) await write();
    expect(acknowledged).toHaveLength(20);

    undo = () => trouble.end(service.child, folder);
    trouble.begin(service.child, folder);
    // What lies free inside the database's own files may still take some, also once the log has been copied back.
    let refused: Awaited<ReturnType<typeof write>>[] = [];
    for (let tries = 0; refused.length < 3 && tries < 2_000; tries += 1) {
      const answer = await write();
      refused = answer.status === 200 ? [] : [...refused, answer];
    }
    expect(refused).toHaveLength(3);
    for (const answer of refused) {
      expect(answer).toMatchObject({
        status: 503,
        headers: { 'retry-after': '5' },
        errors: [
          {
            message:
              'The database cannot be reached or written just now. Nothing was done; send this again in a few seconds.',
            extensions: { code: 'UNAVAILABLE' },
          },
        ],
      });
    }
    expect(await totalOf()).toBe(acknowledged.length);
    // On a full disk there may be room for a last, small write.
    let ready = await service.get('/health/ready');
    for (let tries = 0; ready.status === 200 && tries < 200; tries += 1) {
      await write();
      ready = await service.get('/health/ready');
    }
    expect([ready.status, await ready.json()]).toEqual([
      503,
      { status: 'unavailable', failed: 'database', reason: 'The database cannot be written.' },
    ]);
    expect((await service.get('/health/live')).status).toBe(200);
    expect(service.log.filter(({ level }) => level === 50)).toMatchObject(
      expect.arrayContaining([expect.objectContaining({ msg: 'a request failed unexpectedly' })]),
    );

    undo();
    undo = undefined;
    while ((await write()).status !== 200) await sleep(50);
    while ((await service.get('/health/ready')).status !== 200) await sleep(50);
    for (let count = 0; count < 20; count += 1) expect((await write()).status).toBe(200);
    expect(await totalOf()).toBe(acknowledged.length);

    const stored = trouble === fullDisk ? await backUp() : join(folder, 'care.db');
    expect(await service.end()).toMatchObject({ exitCode: 0 });
    const api = await startTestService({ database: sqliteFile(stored) });
    expect(await select(api, sql`pragma integrity_check`)).toEqual([{ integrity_check: 'ok' }]);
    expect(await findDrift(api)).toEqual([]);
    const rows = await select<{ id: string }>(api, sql`select lower(hex(id)) as id from event`);
    expect(rows.map(({ id }) => id).sort()).toEqual(acknowledged.map((id) => id.replaceAll('-', '')).sort());
    await api.close();
  },
);

/** The disk goes with its process. */
async function backUp(): Promise<string> {
  const copy = join(folder, 'copy.db');
  const { pid } = service.child;
  run(
    'sh',
    '-c',
    `cp /proc/${pid}/root${folder}/disk/care.db '${copy}' && cp /proc/${pid}/root${folder}/disk/care.db-wal '${copy}-wal'`,
  );
  return copy;
}
