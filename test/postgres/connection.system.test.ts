import sql from 'sql-template-tag';
import { rebuildRollup } from '../../src/platform/rollup/rebuildRollup';
import { monthlyRollup } from '../../src/reimbursements/events/monthlyRollup';
import { runCaretally } from '../support/cli';
import { databaseForTests, newDatabase, type TestDatabase } from '../support/databases';
import {
  createCaregiver,
  createEventType,
  createUnit,
  findDrift,
  noon,
  noonMs,
  readTally,
  register,
  registerEvent,
  select,
  tamper,
} from '../support/fixtures';
import { type Answer, startTestService, type TestService } from '../support/testService';

describe('the connection to PostgreSQL', () => {
  const database = databaseForTests();
  let api: TestService;
  let operator: TestService;
  let input: { caregiverId: string; eventTypeId: string; occurredAt: string };

  beforeAll(async () => {
    api = await startTestService({ database });
    operator = await startTestService({ database });
    for (const each of [api, operator]) each.setNow(noonMs);
    input = {
      caregiverId: await createCaregiver(api),
      eventTypeId: await createEventType(api),
      occurredAt: noon,
    };
  });
  afterAll(() => Promise.all([api.close(), operator.close()]));

  /** Ends every connection but the operator's own one. */
  const cutAll = () =>
    tamper(
      operator,
      sql`select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and pid <> pg_backend_pid()`,
    );
  const owed = async () => (await readTally(operator, { caregiverIds: [input.caregiverId] })).owed.events;

  test('when it was cut while nothing was under way, nobody notices', async () => {
    await register(api, input);
    for (let round = 0; round < 5; round += 1) {
      const before = await owed();
      await cutAll();
      await register(api, input);
      await readTally(api, {});
      expect(await owed()).toBe(before + 1);
    }
  });

  test('when it is cut under way, events are stored or refused with 503, never both or half', async () => {
    const before = await owed();
    let cutting = true;
    let accepted = 0;
    const writers = Array.from({ length: 10 }, async () => {
      const answers: Answer[] = [];
      while (cutting) {
        const answer = await api.ask(registerEvent, { input: { ...input, id: null } });
        answers.push(answer);
        if (!answer.errors) accepted += 1;
      }
      return answers;
    });
    for (let round = 0; round < 20; round += 1) {
      // In the middle of work that has begun again, however slow the machine is.
      for (const before = accepted; accepted === before; )
        await new Promise((resolve) => setTimeout(resolve, 5));
      await cutAll();
    }
    cutting = false;
    const answers = (await Promise.all(writers)).flat();
    const refused = answers.filter(({ errors }) => errors);
    for (const answer of refused) {
      expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '5' }, data: null });
      expect(answer.errors).toMatchObject([{ extensions: { code: 'UNAVAILABLE' } }]);
      expect(JSON.stringify(answer.errors)).not.toMatch(/postgres|terminat|connection|sql/i);
    }
    expect(accepted).toBe(answers.length - refused.length);
    // Of a commit whose answer was lost nobody knows; sent again under the same id, it would be a replay.
    expect(await owed()).toBeGreaterThanOrEqual(before + accepted);
    expect(await owed()).toBeLessThanOrEqual(before + answers.length);
    expect(await findDrift(api)).toEqual([]);
  });

  test('a search for a character that PostgreSQL cannot hold is refused before it gets there', async () => {
    const refused = await api.failure(`{ caregivers(filter: { nameContains: "\\u0000" }) { nodes { id } } }`);
    expect(refused.extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'nameContains' });
  });

  test('lists are in the order of characters, not of a language', async () => {
    const names = ['b', 'B', 'a', 'ä', 'Z', 'z', 'Å', '_', '-a'];
    for (const name of names) await createUnit(api, { name });
    const { units } = await api.data('{ units { nodes { name } } }');
    expect(units.nodes.map(({ name }: { name: string }) => name)).toEqual([...names].sort());
  });

  test('statements and locks have an end', async () => {
    const settings = ['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout'];
    const found = await select<{ name: string; setting: string }>(
      api,
      sql`select name, setting from pg_settings where name like '%_timeout' order by name`,
    );
    for (const name of settings) {
      expect(Number(found.find((row) => row.name === name)?.setting)).toBeGreaterThan(0);
    }
    expect(await select(api, sql`select current_setting('application_name') as name`)).toEqual([
      { name: 'caretally' },
    ]);
  });

  test('a command that swallows the failure of a statement is not told that it was committed', async () => {
    const swallowing = {
      name: 'swallowing',
      handle: async (tx: { run(statement: unknown): Promise<void> }) => {
        await tx.run(sql`select * from nowhere`).catch(() => undefined);
        return [{ value: undefined }];
      },
    };
    await expect(api.service.database.write(swallowing as never, [1])).rejects.toThrow('a statement failed');
  });
});

describe('a start on PostgreSQL', () => {
  const database = databaseForTests();
  const at = (url: string) => ({ url });

  test.each([
    ['nobody listens', 'postgres://root@127.0.0.1:1/care', /\(ECONNREFUSED\)\. Check that PostgreSQL runs/],
    ['there is no such host', 'postgres://root:hunter2@nowhere.invalid/care', /There is no such host/],
  ])('where %s is refused in a sentence', async (_what, url, sentence) => {
    const { exitCode, errors } = await runCaretally(at(url), ['verify']);
    expect(exitCode).toBe(1);
    expect(errors).toMatch(/^Cannot use the database postgres:\/\/root@/);
    expect(errors).toMatch(sentence);
    expect(errors).not.toMatch(/hunter2|\n\s+at /);
  });

  test('on a database that does not exist is refused in a sentence', async () => {
    const missing: TestDatabase = newDatabase();
    const { exitCode, errors } = await runCaretally(missing, ['migrate']);
    expect([exitCode, errors]).toEqual([
      1,
      expect.stringMatching(/^Cannot use .* \(3D000\)\. There is no such database\. Create it/),
    ]);
  });

  test('a backup is left to pg_dump', async () => {
    const url = 'postgres://root:hunter2@127.0.0.1/care';
    expect(await runCaretally(at(url), ['backup', '/tmp/never.db'])).toEqual({
      exitCode: 1,
      output: '',
      errors:
        'A PostgreSQL database is backed up with its own tool, also while the service runs: pg_dump --format=custom --file=FILE postgres://root@127.0.0.1/care\n',
    });
  });

  test('every command works on it', async () => {
    const run = (...commandLine: string[]) => runCaretally(database, commandLine);
    expect(await run('migrate')).toMatchObject({ exitCode: 0, errors: '' });
    expect(await run('seed', '--events', '3000', '--caregivers', '20')).toMatchObject({
      exitCode: 0,
      errors: '',
    });
    expect(await run('verify')).toMatchObject({ exitCode: 0, errors: '' });
    expect((await run('export', 'report')).output.split('\r\n').length).toBeGreaterThan(500);
    const api = await startTestService({ database });
    await tamper(api, sql`update monthly_rollup set unreimbursed_amount = 1 where caregiver_id < 5`);
    expect(await run('verify')).toMatchObject({ exitCode: 1 });
    expect(await run('rebuild')).toMatchObject({ exitCode: 0, errors: '' });
    expect(await findDrift(api)).toEqual([]);
    expect(await rebuildRollup(api.service.database, monthlyRollup)).toBe(0);
    await api.close();
  });
});
