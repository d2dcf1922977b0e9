import sql from 'sql-template-tag';
import { runCaretally } from '../support/cli';
import { select, tamper } from '../support/fixtures';
import { parseMetrics, sumOf } from '../support/metrics';
import { createNotes, writeNote } from '../support/notes';
import { PostgresServer, until } from '../support/postgresServer';
import { startTestService } from '../support/testService';

let server: PostgresServer;
beforeAll(async () => {
  server = await PostgresServer.create();
  await server.database().create();
}, 120_000);
afterAll(() => server?.remove());

test.each([
  ['off', 'on'],
  ['local', 'on'],
  ['on', 'on'],
  ['remote_write', 'remote_write'],
  ['remote_apply', 'remote_apply'],
])(
  'where sessions begin with synchronous_commit = %s, every commit is made with %s, also after the connections broke',
  async (found, used) => {
    await server.set('synchronous_commit', found);
    const api = await startTestService({ database: server.database() });
    const seen: unknown[] = [];
    const look = async (name: string, speed: 'quick' | 'slow') => {
      await writeNote(api, name, async (tx) => seen.push(await tx.one(sql`show synchronous_commit`)), speed);
    };
    const [known] = await select<{ found: boolean }>(
      api,
      sql`select to_regclass('note') is not null as found`,
    );
    if (!known?.found) await tamper(api, createNotes);
    await look(`${found} 1`, 'quick');
    await look(`${found} 2`, 'slow');
    await server.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'caretally%'`,
    );
    await until(() =>
      look(`${found} 3`, 'quick').then(
        () => true,
        () => false,
      ),
    );
    expect(seen).toEqual(seen.map(() => ({ synchronous_commit: used })));
    expect(seen.length).toBeGreaterThanOrEqual(3);
    await api.close();
  },
);

test('settings of the server with which a crash loses what was acknowledged are told of', async () => {
  // The tests' servers run with fsync = off already.
  await server.set('full_page_writes', 'off');
  const api = await startTestService({ database: server.database() });
  const risks = [
    expect.stringMatching(/^PostgreSQL runs with fsync = off: .*Set it to on\.$/),
    expect.stringMatching(/^PostgreSQL runs with full_page_writes = off: .*Set it to on\.$/),
  ];
  await until(async () => (await api.service.database.findRisks()).length === 2);
  expect(await api.service.database.findRisks()).toEqual(risks);
  const headers = { authorization: api.authorization };
  const metrics = await api.server.inject({ method: 'GET', url: '/metrics', headers });
  expect(sumOf(parseMetrics(metrics.body), 'caretally_database_risks')).toBe(2);
  const verified = await runCaretally(server.database(), ['verify', '--json']);
  expect(JSON.parse(verified.output)).toMatchObject({ risks });
  expect((await runCaretally(server.database(), ['verify'])).output).toMatch(
    /fsync = off.*\n.*full_page_writes = off/,
  );
  await api.close();
});
