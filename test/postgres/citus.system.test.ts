import { randomUUID } from 'node:crypto';
import sql from 'sql-template-tag';
import {
  distributionColumn,
  keyRegistries,
  type Placement,
  placementOf,
  placements,
} from '../../src/platform/storage/citus/placements';
import { runCaretally } from '../support/cli';
import { onServer } from '../support/cluster';
import { newClusterDatabase, newPlainDatabase, onCitus, type TestDatabase } from '../support/databases';
import {
  createCaregiver,
  createEventType,
  findDrift,
  noon,
  noonMs,
  readReport,
  refusal,
  register,
  registerEvent,
  registerRefused,
  remove,
  select,
  tamper,
} from '../support/fixtures';
import { startTestService, type TestService } from '../support/testService';

/** A database for the tests of a `describe`, with its tables and not distributed. */
function undistributed(database: TestDatabase): () => TestService {
  let api: TestService;
  beforeAll(async () => {
    await database.create();
    api = await startTestService({ database });
  });
  afterAll(async () => {
    await api.close();
    await database.drop();
  });
  return () => api;
}

describe('without Citus, migrate --citus', () => {
  const database = newPlainDatabase();
  const api = undistributed(database);

  const everything = sql`
    select c.relname, c.relkind, c.relfilenode, pg_get_indexdef(i.indexrelid) as index
    from pg_class c left join pg_index i on i.indexrelid = c.oid
    where c.relnamespace = 'public'::regnamespace order by c.relname`;

  test('says so and changes nothing', async () => {
    const before = await select(api(), everything);
    const { exitCode, output, errors } = await runCaretally(database, ['migrate', '--citus']);
    expect([exitCode, output]).toEqual([1, '']);
    expect(errors).toMatch(/has no Citus.*docs\.citusdata\.com.*Nothing was changed\.\n$/);
    expect(errors).not.toMatch(/\n\s+at /);
    expect(await select(api(), everything)).toEqual(before);
    expect(before.length).toBeGreaterThan(20);
  });

  test('leaves migrate and the service as they were', async () => {
    const { exitCode, output } = await runCaretally(database, ['migrate', '--json']);
    expect([exitCode, JSON.parse(output)]).toEqual([0, { database: expect.any(String), upToDate: true }]);
    const input = {
      caregiverId: await createCaregiver(api()),
      eventTypeId: await createEventType(api()),
      occurredAt: new Date().toISOString(),
    };
    expect(await register(api(), input)).toMatchObject({ replayed: false });
  });

  test('is refused for a SQLite file', async () => {
    const { exitCode, errors } = await runCaretally({ url: 'sqlite:/nowhere/care.db' }, [
      'migrate',
      '--citus',
    ]);
    expect([exitCode, errors]).toEqual([
      1,
      '/nowhere/care.db is a SQLite file, and Citus distributes PostgreSQL: name its coordinator in DATABASE_URL. Nothing was changed.\n',
    ]);
  });
});

/** What Citus would refuse, or do at the cost of all nodes, seen from the tables as PostgreSQL has them. */
describe('the tables can be distributed:', () => {
  const api = undistributed(newPlainDatabase());

  test('every table has its place, and every place a table', async () => {
    const tables = await select<{ name: string }>(
      api(),
      sql`select relname as name from pg_class where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace`,
    );
    expect(tables.map(({ name }) => name).sort()).toEqual(Object.keys(placements).sort());
  });

  test('every unique key of a distributed table holds its distribution column, or has a registry', async () => {
    const keys = await select<{ table: string; index: string; columns: string[] }>(
      api(),
      sql`select i.indrelid::regclass::text as table, i.indexrelid::regclass::text as index,
            (select array_agg(a.attname::text order by k.place) from unnest(i.indkey) with ordinality k (number, place)
              join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.number
              where k.place <= i.indnkeyatts) as columns
          from pg_index i join pg_class c on c.oid = i.indrelid
          where i.indisunique and c.relnamespace = 'public'::regnamespace`,
    );
    const ofDistributed = keys.filter(({ table }) => placementOf(table) === 'distributed');
    const refused = ofDistributed.filter(({ columns }) => !columns.includes(distributionColumn));
    expect(ofDistributed.length).toBeGreaterThan(2);
    expect(refused).toEqual(
      Object.entries(keyRegistries).map(([table, { index, key }]) => ({ table, index, columns: [key] })),
    );
    for (const [table, placement] of Object.entries(placements)) {
      if (placement !== 'distributed') continue;
      const primary = ofDistributed.filter(
        (key) => key.table === table && key.columns[0] === distributionColumn,
      );
      expect([table, primary.length]).toEqual([table, 1]);
    }
  });

  test('no foreign key leads to a distributed table, or from a shared one to one that is nowhere else', async () => {
    const foreignKeys = await select<{ from: string; to: string }>(
      api(),
      sql`select conrelid::regclass::text as from, confrelid::regclass::text as to from pg_constraint where contype = 'f'`,
    );
    const places = foreignKeys.map(({ from, to }): [Placement | undefined, Placement | undefined] => [
      placementOf(from),
      placementOf(to),
    ]);
    expect(foreignKeys.length).toBeGreaterThan(0);
    expect(places.filter(([, to]) => to === 'distributed')).toEqual([]);
    expect(places.filter(([from, to]) => from !== 'local' && to !== 'reference')).toEqual([]);
    const order = Object.keys(placements);
    expect(foreignKeys.filter(({ from, to }) => order.indexOf(to) > order.indexOf(from))).toEqual([]);
  });

  test('only local tables have triggers', async () => {
    const triggers = await select<{ table: string }>(
      api(),
      sql`select distinct tgrelid::regclass::text as table from pg_trigger where not tgisinternal`,
    );
    expect(triggers.filter(({ table }) => placementOf(table) !== 'local')).toEqual([]);
  });
});

if (onCitus)
  describe('on a cluster, migrate --citus', () => {
    const database = newClusterDatabase();
    const migrate = () => runCaretally(database, ['migrate', '--citus', '--json']);
    beforeAll(() => database.create());
    afterAll(() => database.drop());

    const fill = async (api: TestService) => {
      api.setNow(noonMs);
      const caregiverIds = await Promise.all(Array.from({ length: 40 }, () => createCaregiver(api)));
      const eventTypeId = await createEventType(api);
      const inputs = caregiverIds.map((caregiverId) => ({
        id: randomUUID(),
        caregiverId,
        eventTypeId,
        occurredAt: noon,
      }));
      for (const input of inputs) await register(api, input);
      await remove(api, inputs[0]?.id as string);
      return inputs as [(typeof inputs)[0], (typeof inputs)[0], (typeof inputs)[0]];
    };

    test('waits for nobody, moves what is there, and goes on where it was', async () => {
      const api = await startTestService({ database });
      const inputs = await fill(api);
      const report = await readReport(api);
      expect(report.rows).toHaveLength(39);

      const used = await migrate();
      expect([used.exitCode, used.output]).toEqual([1, '']);
      expect(used.errors).toMatch(
        /Caretally uses the database.*Stop every instance.*Nothing was changed\.\n$/,
      );

      // An instance without connections is not seen, and finds out with its next one.
      await select(
        api,
        sql`select pg_terminate_backend(pid) from pg_stat_activity
            where application_name = 'caretally' and datname = current_database() and pid <> pg_backend_pid()`,
      );
      await select(api, sql`select pg_terminate_backend(pg_backend_pid())`).catch(() => undefined);

      const moved = await migrate();
      expect(moved.exitCode).toBe(0);
      expect(JSON.parse(moved.output).citus.tables.sort()).toEqual(
        Object.keys(placements)
          .filter((table) => placementOf(table) !== 'local')
          .sort(),
      );
      expect(await readReport(api)).toEqual(report);
      expect(await findDrift(api)).toEqual([]);
      for (const input of inputs) expect(await register(api, input)).toMatchObject({ replayed: true });
      const [{ id, caregiverId }, other, third] = inputs;
      expect(await registerRefused(api, { ...other, id })).toMatchObject(
        refusal('EVENT_ID_CONFLICT', 'caregiverId'),
      );
      expect(await registerRefused(api, { ...third, caregiverId })).toMatchObject(
        refusal('EVENT_ID_CONFLICT', 'caregiverId'),
      );
      expect(await readReport(api)).toEqual(report);
      await api.close();
    });

    test('lets ids go on where they were', async () => {
      const api = await startTestService({ database });
      const known = await select<{ id: number }>(api, sql`select max(id) as id from caregiver`);
      expect(Number(await createCaregiver(api))).toBe((known[0]?.id ?? 0) + 1);
      await api.close();
    });

    test('puts tables there that a newer version brings', async () => {
      await onServer(database.url, `select undistribute_table('payout_rollup')`);
      const api = await startTestService({ database });
      const tables = await select<{ name: string }>(
        api,
        sql`select table_name::text as name from citus_tables where citus_table_type = 'distributed'`,
      );
      expect(tables.map(({ name }) => name)).toContain('payout_rollup');
      await api.close();
    });

    test('is not for workers, nor is the service', async () => {
      const worker = new URL(database.url);
      worker.host = (process.env.TEST_CITUS as string).split(',')[0] as string;
      for (const commandLine of [['migrate', '--citus'], ['verify']]) {
        const { exitCode, errors } = await runCaretally({ url: worker.href }, commandLine);
        expect([exitCode, errors]).toEqual([
          1,
          expect.stringMatching(/is a worker of its cluster\. Name the coordinator/),
        ]);
      }
    });

    test('waits for the event of an id that is taken, and never invents one', async () => {
      const api = await startTestService({ database });
      const [{ caregiverId, eventTypeId }] = await fill(api);
      const id = randomUUID();
      // As while another transaction commits: the registry's node is done, the event's is not.
      await tamper(
        api,
        sql`insert into event_id_taken (id, caregiver_id) values (${id}::uuid, ${Number(caregiverId)})`,
      );
      const input = { id, caregiverId, eventTypeId, occurredAt: noon };
      expect(await api.ask(registerEvent, { input })).toMatchObject({
        status: 503,
        errors: [refusal('UNAVAILABLE')],
      });
      await tamper(api, sql`delete from event_id_taken where id = ${id}::uuid`);
      expect(await register(api, input)).toMatchObject({ replayed: false });
      expect(await register(api, input)).toMatchObject({ replayed: true });
      await api.close();
    });

    test('changes nothing the second time, nor does migrate', async () => {
      const again = await migrate();
      expect([again.exitCode, JSON.parse(again.output).citus.tables]).toEqual([0, []]);
      expect(await runCaretally(database, ['migrate'])).toMatchObject({ exitCode: 0 });
      const api = await startTestService({ database });
      const [input] = await fill(api);
      const answers = await Promise.all(
        [1, 2, 3, 4].map((late) =>
          api.ask(registerEvent, { input: { ...input, lateReason: late > 2 ? 'late' : null } }),
        ),
      );
      expect(answers.flatMap(({ errors }) => errors ?? [])).toMatchObject([
        refusal('EVENT_ID_CONFLICT', 'lateReason'),
        refusal('EVENT_ID_CONFLICT', 'lateReason'),
      ]);
      expect(await findDrift(api)).toEqual([]);
      await api.close();
    });
  });
