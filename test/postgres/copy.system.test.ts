import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import openDatabase from 'better-sqlite3';
import { Client } from 'pg';
import sql from 'sql-template-tag';
import { everybody } from '../../src/platform/access/scope';
import { tablesNotCopied } from '../../src/platform/copy/tablesNotCopied';
import type { ExportTable } from '../../src/platform/export/exportTable';
import { exportText } from '../../src/platform/export/exportText';
import type { FormatName } from '../../src/platform/export/formats';
import { tablesOf } from '../../src/platform/subsystem';
import { eventTable } from '../../src/reimbursements/events/exportEvents';
import { reportTable } from '../../src/reimbursements/reports/exportReport';
import { subsystems } from '../../src/subsystems';
import { entries, entryFields } from '../support/auditLog';
import { runCaretally } from '../support/cli';
import { newDatabase, sqliteFile, type TestDatabase, temporaryFolder } from '../support/databases';
import {
  createCaregiver,
  createEventType,
  createUnit,
  eventFields,
  findDrift,
  noonMs,
  pageOf,
  pay,
  register,
  registerPast,
  remove,
  tamper,
  updateEventType,
  walk,
} from '../support/fixtures';
import { startTestService, type TestService } from '../support/testService';

/** Each test runs the command several times, as a process of its own. */
jest.setTimeout(240_000);

const folder = temporaryFolder();
const targets: TestDatabase[] = [];
let files = 0;
afterAll(async () => {
  await Promise.all(targets.map((target) => target.drop()));
  rmSync(folder, { recursive: true, force: true });
});

function newSource(): TestDatabase & { file: string } {
  files += 1;
  const file = join(folder, `source-${files}.db`);
  return { ...sqliteFile(file), file };
}

async function newTarget(): Promise<TestDatabase> {
  const target = newDatabase();
  targets.push(target);
  await target.create();
  return target;
}

/** The same database with a password, which a server that trusts everybody does not ask for. */
function withPassword(target: TestDatabase): string {
  const url = new URL(target.url);
  url.password = 'hunter2';
  return url.href;
}

function copy(source: Pick<TestDatabase, 'url'>, target: TestDatabase, ...commandLine: string[]) {
  return runCaretally(source, ['copy', ...commandLine], { COPY_TO_URL: withPassword(target) });
}

interface Summary {
  isEqual: boolean;
  sourceWrittenSince: boolean;
  tables: Record<string, { rows: number; written: number }>;
  differenceCount: number;
  driftCount: number;
  auditLog: { entries: number; problems: object[] };
}

/** Copies, and expects that all went well. */
async function copyWhole(source: TestDatabase, target: TestDatabase): Promise<Summary & { written: number }> {
  const { exitCode, output, errors } = await copy(source, target, '--json');
  expect([exitCode, errors]).toEqual([0, '']);
  const summary: Summary = JSON.parse(output);
  expect(summary).toMatchObject({ isEqual: true, differenceCount: 0, driftCount: 0 });
  // Beside the entry that each run has in the audit log of the source, which comes along.
  const written = Object.entries(summary.tables)
    .filter(([table]) => table !== 'audit_log' && table !== 'setting')
    .reduce((sum, [, table]) => sum + table.written, 0);
  return { ...summary, written };
}

/** Runs statements on a database as nobody of the service does. */
async function onTarget<Found>(target: TestDatabase, ...statements: string[]): Promise<Found[]> {
  const client = new Client({ connectionString: target.url });
  await client.connect();
  try {
    let rows: Found[] = [];
    for (const statement of statements) rows = (await client.query(statement)).rows;
    return rows;
  } finally {
    await client.end();
  }
}

async function withService<Value>(
  database: TestDatabase,
  work: (api: TestService) => Promise<Value>,
): Promise<Value> {
  const api = await startTestService({ database });
  try {
    return await work(api);
  } finally {
    await api.close();
  }
}

/** Everything that a database says, by its exports and by its API. */
async function everythingIn(database: TestDatabase) {
  return withService(database, async (api) => {
    const list = (field: string, fields: string) =>
      walk(1_000, async (first, after) => {
        const query = `query ($first: Int, $after: String) { ${field}first: $first, after: $after) { ${pageOf(fields)} } }`;
        return Object.values(await api.data(query, { first, after }))[0] as never;
      });
    const drift = await findDrift(api);
    expect(drift).toEqual([]);
    return {
      exported: await exportAll(api),
      units: await list('units(', 'id externalId name'),
      caregivers: await list('caregivers(', 'id externalId name unit { id }'),
      eventTypes: await list(
        'eventTypes(filter: { archived: null }, ',
        'id externalId name amount currency archived',
      ),
      payouts: await list('payouts(', 'id createdAt createdBy totals { currency amount events }'),
      events: await list('events(filter: { deleted: null }, ', eventFields),
      auditLog: await list('auditLog(', entryFields),
    };
  });
}

/** As the exports have it, but for their entries in the audit log: with these the copy would be one that is in use. */
function exportAll({ service }: TestService): Promise<string[]> {
  const query = { range: { fromMs: null, toMs: null }, scope: everybody };
  return service.database.readLong(async (snapshot) => {
    const read = async (table: ExportTable, format: FormatName) => {
      let text = '';
      for await (const page of exportText(snapshot, table, format)) text += page;
      return text;
    };
    return [
      await read(eventTable({ ...query, deleted: false }), 'json'),
      await read(reportTable(query, service.calendar), 'csv'),
    ];
  });
}

const largest = Number.MAX_SAFE_INTEGER;
const strange = `{a,"b"}\\ 'c' NULL; -- 😀 åäö % _ $1 "`;

/** Data of every kind that there is, and some that no client could have written. */
async function fill(api: TestService): Promise<void> {
  api.setNow(Date.parse('2190-06-01T00:00:00Z'));
  const units = [
    await createUnit(api, { name: strange, externalId: `unit ${strange}` }),
    await createUnit(api, { name: 'NULL' }),
  ];
  const caregivers: string[] = [];
  for (let index = 0; index < 12; index += 1) {
    const unitId = index % 3 === 2 ? null : units[index % 3];
    const externalId = index % 2 === 0 ? null : `external ${index}`;
    caregivers.push(await createCaregiver(api, { name: `${strange} ${index}`, unitId, externalId }));
  }
  await tamper(
    api,
    sql`update caregiver set name = ${'two\nlines\r\tand "more"'}, name_folded = ${'two\nlines'} where id = 3`,
    sql`update unit set name = '' where id = 2`,
  );
  const types = [
    await createEventType(api, { name: strange, amount: 12_345, externalId: 'a' }),
    await createEventType(api, { name: 'largest', amount: largest, currency: 'JPY' }),
    await createEventType(api, { name: 'nothing', amount: 0, externalId: strange }),
    await createEventType(api, { name: 'archived', amount: 7 }),
  ];
  const unused = await createEventType(api, { name: 'deleted' });
  await api.data('mutation ($id: ID!) { deleteEventType(id: $id) { id } }', { id: unused });
  const times = [
    '1900-01-01T00:00:00.000Z',
    '1969-12-31T23:59:59.999Z',
    '1970-01-01T00:00:00.000Z',
    '2024-02-29T12:00:00.001Z',
    '2024-03-31T22:30:00.000Z',
    '2026-11-20T09:30:00.000Z',
    '2189-12-31T23:59:59.999Z',
  ];
  const events = await registerPast(
    api,
    caregivers.slice(0, 11).flatMap((caregiverId, person) =>
      times.flatMap((occurredAt, index) =>
        types
          .filter((_, type) => type !== 1 || (index === 0 && person % 5 === 0))
          .map((eventTypeId, type) => ({
            caregiverId,
            eventTypeId,
            occurredAt,
            lateReason: type === 0 ? `${strange} ${person}` : 'late',
          })),
      ),
    ),
  );
  await updateEventType(api, types[3] as string, { archived: true });
  await pay(api, { caregiverIds: caregivers.slice(0, 2), toMonth: '2024-03' });
  const unpaid = events.filter(({ caregiver }) => !caregivers.slice(0, 2).includes(caregiver.id));
  await pay(api, { eventIds: unpaid.slice(0, 9).map(({ id }) => id) });
  for (const { id } of unpaid.slice(9, 20)) await remove(api, id, strange);
  for (const { id } of unpaid.slice(20, 23)) await remove(api, id);
}

describe('copying a SQLite database to PostgreSQL', () => {
  test('makes a database that says the same, to the byte, and goes on with fresh ids', async () => {
    const [source, target] = [newSource(), await newTarget()];
    await withService(source, fill);
    const summary = await copyWhole(source, target);
    expect(summary.sourceWrittenSince).toBe(false);
    expect(summary.tables).toMatchObject({
      unit: { rows: 2, written: 2 },
      caregiver: { rows: 12, written: 12 },
      event_type: { rows: 4, written: 4 },
      payout: { rows: 2, written: 2 },
    });
    expect(summary.tables.event?.rows).toBeGreaterThan(200);
    expect(summary.auditLog).toMatchObject({ entries: summary.tables.audit_log?.rows, problems: [] });
    const there = await everythingIn(source);
    expect(await everythingIn(target)).toEqual(there);
    expect(there.exported[0]).toContain('9007199254740991');

    // Reading the copy has not made it one that is in use.
    const words = await copy(source, target);
    expect(words).toMatchObject({ exitCode: 0, errors: '' });
    expect(words.output).toMatch(
      /^Nothing to do: postgres:\/\/\S+ had everything, [\d,]+ events among it\.\n/,
    );

    await withService(target, async (api) => {
      const caregiverId = await createCaregiver(api);
      // The last id was given to a type that is deleted.
      const eventTypeId = await createEventType(api, { amount: 100 });
      expect([caregiverId, await createUnit(api), eventTypeId]).toEqual(['13', '3', '6']);
      const { event } = await register(api, {
        caregiverId,
        eventTypeId,
        occurredAt: new Date().toISOString(),
      });
      expect(await pay(api, { eventIds: [event.id] })).toMatchObject({
        id: '3',
        totals: [{ amount: 100, events: 1 }],
      });
      const replayed = await register(api, {
        id: event.id,
        caregiverId,
        eventTypeId,
        occurredAt: event.occurredAt,
      });
      expect(replayed.replayed).toBe(true);
      expect(await findDrift(api)).toEqual([]);
    });
    const { exitCode, errors } = await copy(source, target);
    expect([exitCode, errors]).toEqual([
      1,
      expect.stringMatching(/has been written by others since\. Copy into an empty database/),
    ]);
  });

  test('tells its source that it was made, before it began', async () => {
    const [source, target] = [newSource(), await newTarget()];
    await withService(source, createUnit);
    await copyWhole(source, target);
    for (const database of [source, target]) {
      const [last] = await withService(database, (api) => entries(api, { action: 'copy' }));
      const { pathname } = new URL(target.url);
      expect(last).toMatchObject({ sequence: 2, role: 'OPERATOR', targetKind: 'database' });
      expect(JSON.stringify(last?.after)).toContain(pathname.slice(1));
      expect(JSON.stringify(last)).not.toContain('hunter2');
    }
  });

  test('refuses an audit log that was changed since, and tells of one that was changed before', async () => {
    const [source, target] = [newSource(), await newTarget()];
    await withService(source, createUnit);
    await copyWhole(source, target);
    await withService(source, (api) =>
      tamper(
        api,
        sql`drop trigger audit_log_no_update`,
        sql`update audit_log set actor = 'nobody' where sequence = 1`,
      ),
    );
    const refused = await copy(source, target);
    expect(refused).toMatchObject({ exitCode: 1, output: '' });
    expect(refused.errors).toMatch(
      /^A row of audit_log is not the same in source and target: \{"sequence":1\}\. No row of it is ever changed/,
    );

    const told = await copy(source, await newTarget());
    expect(told).toMatchObject({ exitCode: 0, errors: '' });
    expect(told.output).toMatch(/are equal.*\naudit log, entry 1: not what its hash was made of/s);
  });

  test('again brings over what has changed since, whatever it is, and nothing else', async () => {
    const [source, target] = [newSource(), await newTarget()];
    await withService(source, fill);
    await copyWhole(source, target);
    expect(await copyWhole(source, target)).toMatchObject({ written: 0, sourceWrittenSince: false });

    const change = async (api: TestService) => {
      api.setNow(noonMs);
      const update = (id: string, input: object) =>
        api.data(
          'mutation ($id: ID!, $input: UpdateCaregiverInput!) { updateCaregiver(id: $id, input: $input) { id } }',
          { id, input },
        );
      // Unique values change places, within one table's rows.
      await update('2', { externalId: null });
      await update('4', { externalId: 'external 1', name: 'Renamed', unitId: null });
      await update('2', { externalId: 'external 3' });
      await updateEventType(api, '1', { name: 'in between' });
      await updateEventType(api, '3', { name: strange, externalId: 'b' });
      await updateEventType(api, '1', { name: 'nothing', externalId: strange, amount: 1 });
      const fresh = await createEventType(api, { name: 'used by nobody' });
      await createUnit(api);
      const caregiverId = await createCaregiver(api);
      await registerPast(api, [
        { caregiverId, eventTypeId: '1', occurredAt: '2025-01-01T00:00:00Z' },
        { caregiverId: '12', eventTypeId: '1', occurredAt: '2025-01-01T00:00:00Z' },
        { caregiverId: '5', eventTypeId: '1', occurredAt: '1931-01-01T00:00:00Z' },
      ]);
      const { events } = await api.data(
        `{ events(filter: { caregiverIds: ["7", "8"], reimbursed: false }, first: 1000) { nodes { id caregiver { id } } } }`,
      );
      // Whole months of the eighth caregiver come to nothing, and their rollup's rows go.
      const ofEighth = events.nodes.filter(
        (event: { caregiver: { id: string } }) => event.caregiver.id === '8',
      );
      for (const { id } of ofEighth) await remove(api, id, 'gone');
      await pay(api, { caregiverIds: ['7'], fromMonth: '1900-01' });
      return fresh;
    };
    const fresh = await withService(source, change);
    const second = await copyWhole(source, target);
    expect(second.tables).toMatchObject({
      // The last entry of the audit log.
      setting: { written: 1 },
      calendar_month: { written: 0 },
      unit: { written: 1 },
      caregiver: { written: 3 },
      payout: { written: 1 },
    });
    const events = second.tables.event as { rows: number; written: number };
    expect(events.written).toBeLessThan(events.rows / 3);
    expect(await everythingIn(target)).toEqual(await everythingIn(source));

    // A type that nothing refers to goes, and another one gets its name.
    await withService(source, async (api) => {
      await api.data('mutation ($id: ID!) { deleteEventType(id: $id) { id } }', { id: fresh });
      await createEventType(api, { name: 'used by nobody' });
    });
    expect((await copyWhole(source, target)).tables.event_type).toMatchObject({ written: 2 });
    expect(await everythingIn(target)).toEqual(await everythingIn(source));
  });

  test('notices a value that differs in any column of a large table, and puts it right', async () => {
    const [source, target] = [newSource(), await newTarget()];
    await withService(source, fill);
    await copyWhole(source, target);
    const changes = {
      event_type_id: 'event_type_id + 1',
      amount: 'amount + 1',
      currency: `'SEX'`,
      payout_id: 'coalesce(payout_id, 0) + 1',
      deleted_at_ms: '0',
      registered_at_ms: 'registered_at_ms - 1',
      late_reason: `late_reason || '.'`,
      deleted_by: `'x'`,
      delete_reason: `''`,
    };
    const nth = (place: number, plus = 0) => `(select id from event order by caregiver_id, occurred_at_ms, id
      offset ${place * 11 + plus} limit 1)`;
    await onTarget(
      target,
      ...Object.entries(changes).map(
        ([column, value], place) => `update event set ${column} = ${value} where id = ${nth(place)}`,
      ),
      // Values that have changed places leave the sums as they are.
      `update event set registered_at_ms = registered_at_ms + 5 where id = ${nth(12)}`,
      `update event set registered_at_ms = registered_at_ms - 5 where id = ${nth(12, 1)}`,
      'update monthly_rollup set unreimbursed_amount = unreimbursed_amount + 1 where caregiver_id = 9',
      'delete from monthly_rollup where caregiver_id = 10',
      `insert into monthly_rollup values (11, 200001, 'SEK', 0, 0, 1, 1)`,
      'update payout_rollup set events = events + 1 where caregiver_id = 1',
    );
    const { tables } = await copyWhole(source, target);
    expect(tables.event?.written).toBe(Object.keys(changes).length + 2);
    expect(tables.monthly_rollup?.written).toBeGreaterThan(10);
    expect(tables.payout_rollup?.written).toBeGreaterThan(1);
    expect(await everythingIn(target)).toEqual(await everythingIn(source));
  });

  test('while the service writes the source takes over one moment of it, and the rest the next time', async () => {
    const [source, target] = [newSource(), await newTarget()];
    await withService(source, async (api) => {
      await fill(api);
      api.setNow(noonMs);
      let writing = true;
      let written = 0;
      const writers = ['1', '5', '12'].map(async (caregiverId) => {
        while (writing) {
          await registerPast(api, [{ caregiverId, eventTypeId: '1', occurredAt: '2025-05-05T05:05:05Z' }]);
          written += 1;
        }
      });
      const first = await copyWhole(source, target);
      expect(first.sourceWrittenSince).toBe(true);
      const between = written;
      const second = await copyWhole(source, target);
      expect(second.tables.event?.rows).toBeGreaterThan(first.tables.event?.rows as number);
      expect(written).toBeGreaterThan(between);
      writing = false;
      await Promise.all(writers);
    });
    expect(await copyWhole(source, target)).toMatchObject({ sourceWrittenSince: false });
    expect(await everythingIn(target)).toEqual(await everythingIn(source));
  });
});

describe('a copy that is cut off', () => {
  const events = 60_000;
  const source = newSource();
  beforeAll(async () => {
    const seeded = await runCaretally(source, ['seed', '--events', String(events), '--caregivers', '40']);
    expect(seeded.exitCode).toBe(0);
    await withService(source, async (api) => {
      await pay(api, { caregiverIds: ['1', '2', '3'], fromMonth: '1900-01' });
    });
  });

  function start(target: TestDatabase): { child: ChildProcess; errors: Promise<string> } {
    const cli = join(__dirname, '..', '..', 'dist', 'src', 'cli.js');
    const child = spawn(process.execPath, [cli, 'copy', '--json', '--to', withPassword(target)], {
      env: { ...process.env, DATABASE_URL: source.url },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    return { child, errors: text(child.stderr) };
  }

  async function count(target: TestDatabase, table: string): Promise<number> {
    const there = await onTarget(target, `select 1 where to_regclass('${table}') is not null`);
    if (there.length === 0) return 0;
    const [row] = await onTarget<{ count: string }>(target, `select count(*) from ${table}`);
    return Number(row?.count);
  }

  test('goes on where it was, killed at any moment, and until then nobody can use the copy', async () => {
    const target = await newTarget();
    const killedAt: number[] = [];
    // Before it began, in the middle of its large table, and of the rollups behind it.
    for (const [table, rows] of [
      ['setting', 1],
      ['event', 1],
      ['event', 20_001],
      ['event', 40_001],
      ['monthly_rollup', 1],
    ] as const) {
      const { child, errors } = start(target);
      const ended = once(child, 'exit');
      while (child.exitCode === null && (await count(target, table)) < rows) await sleep(5);
      if (process.platform === 'linux' && child.exitCode === null) {
        expect(readFileSync(`/proc/${child.pid}/cmdline`, 'latin1')).not.toContain('hunter2');
      }
      child.kill('SIGKILL');
      expect(await ended).toEqual([null, 'SIGKILL']);
      expect(await errors).not.toContain('hunter2');
      killedAt.push(await count(target, 'event'));

      const used = await runCaretally(target, ['verify']);
      expect([used.exitCode, used.errors]).toEqual([
        1,
        expect.stringMatching(
          /is being filled by caretally copy, and some of it is missing\. Run that command again/,
        ),
      ]);
    }
    expect(killedAt[0]).toBeLessThan(events);
    expect(killedAt).toEqual([...killedAt].sort((left, right) => left - right));

    const last = await copyWhole(source, target);
    expect(last.tables.event).toEqual({ rows: events, written: events - (killedAt.at(-1) as number) });
    expect(await count(target, 'event')).toBe(events);
    expect((await copyWhole(source, target)).written).toBe(0);
    const [there, here] = await Promise.all(
      [source, target].map((database) => runCaretally(database, ['export', 'events'])),
    );
    expect(here?.output === there?.output).toBe(true);
    expect(await runCaretally(target, ['verify'])).toMatchObject({ exitCode: 0, errors: '' });
    // The export has an entry in the log of the copy, which the source knows nothing of.
    expect((await copy(source, target)).errors).toMatch(/has been written by others since\./);
  });

  test('by another copy to the same database says so, and leaves it to the other one', async () => {
    const target = await newTarget();
    const { child, errors } = start(target);
    const ended = once(child, 'exit');
    while (child.exitCode === null && (await count(target, 'event')) === 0) await sleep(5);
    await onTarget(
      target,
      `update setting set value = replace(value, '"run":"', '"run":"other ') where name = 'copy'`,
    );
    expect(await ended).toEqual([1, null]);
    expect(await errors).toMatch(
      /^Another copy to postgres:\/\/\S+ has begun since, and this one has ended\./,
    );
    await copyWhole(source, target);
  });

  test('by its server says so, and to run it again', async () => {
    const target = await newTarget();
    const { child, errors } = start(target);
    const ended = once(child, 'exit');
    while (child.exitCode === null && (await count(target, 'event')) === 0) await sleep(5);
    await onTarget(
      target,
      `select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid()`,
    );
    expect(await ended).toEqual([1, null]);
    expect(await errors).toMatch(
      /^The copy to postgres:\/\/\S+ was cut off.* Run it again: it goes on where it was\.\n$/,
    );
    await copyWhole(source, target);
  });
});

describe('what is not equal in the end', () => {
  test('is listed, the command exits with 1, and the copy cannot be used', async () => {
    const [source, target] = [newSource(), await newTarget()];
    await withService(source, fill);
    // What PostgreSQL cannot hold, and no client can write.
    const spoil = (name: string, reason: string) =>
      withService(source, (api) =>
        tamper(
          api,
          sql`update caregiver set name = ${name} where id = 4`,
          sql`update event set late_reason = ${reason} where caregiver_id = 9 and late_reason <> 'late'`,
        ),
      );
    await spoil('secret\0name', 'secret\0reason');
    const { exitCode, output } = await copy(source, target);
    expect(exitCode).toBe(1);
    expect(output).toMatch(/^caregiver \{"id":4\}: changed \(name\)$/m);
    expect(output).toMatch(
      /^event \{"caregiver_id":9,"occurred_at_ms":-?\d+,"id":"[-0-9a-f]{36}"\}: changed \(late_reason\)$/m,
    );
    expect(output).toMatch(/^8 rows differ between source and copy\. Run this again; /m);
    expect(output).not.toMatch(/secret/);
    const inJson = await copy(source, target, '--json');
    expect(inJson.exitCode).toBe(1);
    const summary = JSON.parse(inJson.output);
    expect(summary).toMatchObject({ isEqual: false, differenceCount: 8, driftCount: 0 });
    expect(summary.differences).toHaveLength(8);
    expect(summary.differences[0]).toEqual({
      table: 'caregiver',
      key: { id: 4 },
      what: 'changed',
      columns: ['name'],
    });
    expect((await runCaretally(target, ['export', 'report'])).exitCode).toBe(1);

    await spoil('plain', 'plain');
    await copyWhole(source, target);
    expect(await everythingIn(target)).toEqual(await everythingIn(source));
  });

  test('may be the fault of the source, which is put right there', async () => {
    const [source, target] = [newSource(), await newTarget()];
    await withService(source, async (api) => {
      await fill(api);
      await tamper(
        api,
        sql`update monthly_rollup set unreimbursed_amount = unreimbursed_amount + 1 where caregiver_id = 7`,
      );
    });
    const { exitCode, output } = await copy(source, target);
    expect(exitCode).toBe(1);
    expect(output).toMatch(
      /rows of the rollups differ from the facts\. Correct the source.*npx caretally rebuild/,
    );
    expect(await runCaretally(source, ['rebuild'])).toMatchObject({ exitCode: 0 });
    await copyWhole(source, target);
  });

  test('a row that the source does not have is a sign that somebody else writes the target', async () => {
    const [source, target] = [newSource(), await newTarget()];
    await withService(source, fill);
    await copyWhole(source, target);
    for (const [statement, undo, name] of [
      [
        `insert into event (caregiver_id, occurred_at_ms, id, event_type_id, amount, currency, registered_at_ms)
          values (3, 1, gen_random_uuid(), 1, 1, 'SEK', 1)`,
        'delete from event where registered_at_ms = 1',
        'event',
      ],
      [`insert into unit (id, name) values (99, 'x')`, 'delete from unit where id = 99', 'unit'],
    ] as const) {
      await onTarget(target, statement);
      const { exitCode, errors } = await copy(source, target);
      expect([exitCode, errors]).toEqual([
        1,
        expect.stringMatching(
          new RegExp(`^The target has a row of ${name} that the source has not: \\{.*"id":`),
        ),
      ]);
      await onTarget(target, undo);
      await copyWhole(source, target);
    }
  });
});

describe('a database to copy to', () => {
  const source = newSource();
  beforeAll(() => withService(source, fill));

  /** The tables of a database and how many rows each has. */
  async function contentOf(target: TestDatabase) {
    const tables = await onTarget<{ name: string }>(
      target,
      `select format('%I.%I', schemaname, tablename) as name from pg_tables
        where schemaname not in ('pg_catalog', 'information_schema') order by 1`,
    );
    const rows = [];
    for (const { name } of tables) rows.push([name, await onTarget(target, `select count(*) from ${name}`)]);
    return rows;
  }

  async function refused(target: TestDatabase, sentence: RegExp, from: TestDatabase = source): Promise<void> {
    const before = await contentOf(target);
    const { exitCode, output, errors } = await copy(from, target);
    expect([exitCode, output, errors]).toEqual([1, '', expect.stringMatching(sentence)]);
    expect(errors).toMatch(/Copy into an empty database, as createdb makes it\. Nothing was changed\.\n$/);
    expect(errors).not.toContain('hunter2');
    expect(await contentOf(target)).toEqual(before);
  }

  test('must not hold tables of other programs', async () => {
    const target = await newTarget();
    await onTarget(target, 'create table invoice (id bigint)');
    await refused(target, /holds a table invoice, which is not one of Caretally's\./);
    const other = await newTarget();
    await onTarget(other, 'create schema elsewhere', 'create table elsewhere.event (id bigint)');
    await refused(other, /holds a table event, which is not one of Caretally's\./);
  });

  test('must not hold data of another Caretally', async () => {
    const target = await newTarget();
    await withService(target, async (api) => {
      await createUnit(api);
    });
    await refused(
      target,
      /holds data already \(in the table unit\), which did not come from \S+source-\d+\.db\./,
    );
  });

  test('must not be a copy of another database', async () => {
    const [other, target] = [newSource(), await newTarget()];
    await withService(other, async (api) => {
      await createUnit(api);
    });
    await copyWhole(other, target);
    await refused(target, /is a copy of another database than/);
    await copyWhole(other, target);
  });

  test('may be one that was started, in another time zone too, and that nobody has put anything into', async () => {
    const target = await newTarget();
    await runCaretally(target, ['migrate'], { TIME_ZONE: 'America/New_York' });
    await copyWhole(source, target);
    expect(await everythingIn(target)).toEqual(await everythingIn(source));
  });

  test('is known again wherever the source lies', async () => {
    const [moved, target] = [newSource(), await newTarget()];
    await copyWhole(source, target);
    expect(await runCaretally(source, ['backup', moved.file])).toMatchObject({ exitCode: 0 });
    expect(await copyWhole(moved, target)).toMatchObject({ written: 0 });
  });

  test('takes no writes of a service that was open already while it is brought up to date', async () => {
    const target = await newTarget();
    await copyWhole(source, target);
    await withService(target, async (api) => {
      const setState = (state: string) =>
        onTarget(
          target,
          `update setting set value = regexp_replace(value, '"state":"[^"]*"', '"state":"${state}"') where name = 'copy'`,
        );
      await setState('begun');
      const mutation = 'mutation ($input: CreateUnitInput!) { createUnit(input: $input) { id } }';
      const refusal = await api.failure(mutation, { input: { name: 'too early' } });
      expect(refusal).toMatchObject({ extensions: { code: 'UNAVAILABLE' } });
      await setState('complete');
      await api.data(mutation, { input: { name: 'at last' } });
    });
    await refused(target, /has been written by others since\./);
  });

  test('that cannot be reached or is none is refused in a sentence, and no password is shown', async () => {
    const to = (url: string, database: Pick<TestDatabase, 'url'> = source) =>
      runCaretally(database, ['copy', '--to', url]);
    const good = 'postgres://user:hunter2@127.0.0.1:1/care';
    for (const [result, sentence] of [
      [
        await to(good),
        /^Cannot use the database postgres:\/\/user@127.* \(ECONNREFUSED\)\. Check .*, and --to\.\n$/,
      ],
      [
        await to('postgres://user:hunter2@host'),
        /^--to must end with the name of one database, as in postgres:/,
      ],
      [await to('postgres://user:hunter2@host:port/care'), /^--to must be a URL/],
      [await to('sqlite:other.db'), /^--to must look like postgres:.*; it begins with "sqlite:"\.\n$/],
      [
        await runCaretally(source, ['copy']),
        /^Say where to copy to: --to postgres:.*, or the same in COPY_TO_URL/,
      ],
      [
        await runCaretally(source, ['copy'], { COPY_TO_URL: 'mysql://user:hunter2@host/care' }),
        /^COPY_TO_URL must look like postgres:.*; it begins with "mysql:"\.\n$/,
      ],
      [
        await to(good, { url: 'postgres://user:hunter2@host/care' }),
        /^copy reads a SQLite database, and DATABASE_URL/,
      ],
      [
        await to(good, sqliteFile(join(folder, 'missing.db'))),
        /^There is no database \S+missing\.db to copy\./,
      ],
    ] as const) {
      expect([result.exitCode, result.output]).toEqual([1, '']);
      expect(result.errors).toMatch(sentence);
      expect(result.errors).not.toMatch(/hunter2|\n\s+at /);
    }
  });
});

describe('a database to copy from', () => {
  test('that is not one of this version, or is being recounted, is refused in a sentence', async () => {
    const target = await newTarget();
    const refusedAfter = async (statement: string, sentence: RegExp) => {
      const source = newSource();
      await withService(source, async (api) => {
        await createUnit(api);
      });
      const file = openDatabase(source.file);
      file.exec(statement);
      file.close();
      const before = await onTarget(target, 'select * from pg_tables order by tablename');
      const { exitCode, errors } = await copy(source, target);
      expect([exitCode, errors]).toEqual([1, expect.stringMatching(sentence)]);
      expect(await onTarget(target, 'select * from pg_tables order by tablename')).toEqual(before);
    };
    await refusedAfter('drop table migration', /holds no tables of Caretally\. Check DATABASE_URL\./);
    await refusedAfter(
      'delete from migration',
      /are those of an earlier version\. .*: npx caretally migrate/,
    );
    await refusedAfter(
      `insert into migration (timestamp, name) values (1, 'Later1')`,
      /are those of a later version\./,
    );
    await refusedAfter(
      `update setting set value = 'true' where name = 'rebuild_pending'`,
      /Let that finish first: npx caretally rebuild/,
    );
    const textFile = join(folder, 'text.db');
    writeFileSync(
      textFile,
      'no database at all, but long enough to be read as the header of one. '.repeat(10),
    );
    expect((await copy(sqliteFile(textFile), target)).errors).toBe(
      `Cannot copy ${textFile}: file is not a database (SQLITE_NOTADB).\n`,
    );
  });

  test('has no table or column that the copy would forget', async () => {
    const [source, target] = [newSource(), await newTarget()];
    for (const database of [source, target]) await runCaretally(database, ['migrate']);
    const file = openDatabase(source.file, { readonly: true });
    const onSqlite = file
      .prepare(
        `select t.name as "table", c.name as column from pragma_table_list t join pragma_table_info(t.name) c
          where t.schema = 'main' and t.type = 'table' and t.name not like 'sqlite!_%' escape '!'`,
      )
      .all() as { table: string; column: string }[];
    file.close();
    const onPostgres = await onTarget<{ table: string; column: string }>(
      target,
      `select table_name as table, column_name as column
        from information_schema.columns join information_schema.tables using (table_schema, table_name)
        where table_schema = current_schema() and table_type = 'BASE TABLE'`,
    );
    const decided = tablesOf(subsystems)
      .flatMap(({ table, columns }) => Object.keys(columns).map((column) => `${table}.${column}`))
      .sort();
    for (const found of [onSqlite, onPostgres]) {
      const columns = found
        .filter(({ table }) => !(table in tablesNotCopied))
        .map(({ table, column }) => `${table}.${column}`);
      expect(columns.sort()).toEqual(decided);
    }
  });
});
