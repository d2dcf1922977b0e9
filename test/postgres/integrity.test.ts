import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import sql from 'sql-template-tag';
import { runCaretally } from '../support/cli';
import { newPlainDatabase } from '../support/databases';
import { createCaregiver, createEventType, noon, noonMs, register, tamper } from '../support/fixtures';
import { startTestService, type TestService } from '../support/testService';

const database = newPlainDatabase();
let api: TestService;
const verify = async (url = database.url, ...options: string[]) => {
  const { exitCode, output, errors } = await runCaretally({ url }, ['verify', '--json', ...options]);
  expect(errors).not.toMatch(/\n\s+at /);
  return { exitCode, ...JSON.parse(output).integrity };
};

beforeAll(async () => {
  await database.create();
  api = await startTestService({ database });
  api.setNow(noonMs);
  await register(api, {
    id: randomUUID(),
    caregiverId: await createCaregiver(api),
    eventTypeId: await createEventType(api),
    occurredAt: noon,
  });
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

test('amcheck holds every index to its table, and is gone again afterwards', async () => {
  expect(await verify()).toEqual({ exitCode: 0, problems: [], problemCount: 0, notChecked: [] });
  await tamper(
    api,
    // As an index that was damaged: it does not hear of a row, and lets an id in twice.
    sql`update pg_index set indisready = false where indexrelid = 'event_id'::regclass`,
    sql`insert into event (caregiver_id, occurred_at_ms, id, event_type_id, amount, currency, registered_at_ms)
        select caregiver_id, occurred_at_ms + 1, id, event_type_id, amount, currency, registered_at_ms from event`,
    sql`update pg_index set indisready = true where indexrelid = 'event_id'::regclass`,
  );
  const found = await verify();
  expect([found.exitCode, found.problems]).toEqual([
    1,
    [
      expect.stringMatching(
        /^The index event_id of the table event cannot be relied on\. PostgreSQL says: .* lacks matching index tuple .* reindex index event_id$/,
      ),
      expect.stringMatching(/^event \{"id":".*"\}: 2 rows have this key, and only one may\.$/),
    ],
  ]);
  const quick = await verify(database.url, '--quick');
  expect(quick.problems).toEqual(found.problems.slice(1));
  expect(await onDatabase(`select count(*)::int as n from pg_extension where extname = 'amcheck'`)).toEqual([
    { n: 0 },
  ]);
  await tamper(api, sql`update pg_index set indisvalid = false where indexrelid = 'unit_name'::regclass`);
  expect((await verify()).problems).toContainEqual(
    expect.stringMatching(/^The index unit_name .*marked as invalid/),
  );
});

test('who may not use amcheck is told what was not checked, and how to have it checked', async () => {
  const role = `care_${randomUUID().slice(0, 8)}`;
  await onDatabase(
    `create role ${role} login; grant all on all tables in schema public to ${role}; grant all on schema public to ${role}`,
  );
  const url = database.url.replace('tests@', `${role}@`);
  const found = await verify(url);
  expect(found.notChecked).toEqual([
    expect.stringMatching(/^Not checked: the indexes\. This user may not use /),
  ]);
  expect(found.problems).toContainEqual(expect.stringMatching(/2 rows have this key/));
  await onDatabase(`drop owned by ${role}; drop role ${role}`);
});

async function onDatabase(statement: string): Promise<unknown[]> {
  const client = new Client({ connectionString: database.url });
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}
