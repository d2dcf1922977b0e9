import sql, { type Sql } from 'sql-template-tag';
import { directoryCommands } from '../../src/directory/commands';
import { type AuditRow, hashOf } from '../../src/platform/audit/auditChain';
import { verifyAuditLog } from '../../src/platform/audit/verifyAuditLog';
import { entries } from '../support/auditLog';
import { runCaretally } from '../support/cli';
import { databaseForTests } from '../support/databases';
import { createCaregiver, createUnit, select, tamper } from '../support/fixtures';
import { serviceForTests, startTestService } from '../support/testService';

/** Without these the log takes any change: for whoever may drop them. */
const dropTriggers =
  testEngine === 'postgres'
    ? [sql`drop trigger audit_log_only_added_to on audit_log`]
    : ['update', 'delete', 'insert'].map((change) => sql([`drop trigger audit_log_no_${change}`]));

const written = 30;
const api = serviceForTests();

const tables = ['audit_log', 'audit_personal', 'setting'];
const inEach = (statement: (table: string) => string) => tables.map((table) => sql([statement(table)]));

beforeAll(async () => {
  await createUnit(api);
  await createCaregiver(api, { name: 'Anna' });
  for (let unit = 2; unit < written; unit += 1) await createUnit(api);
  await tamper(
    api,
    ...dropTriggers,
    ...inEach((table) => `create table kept_${table} as select * from ${table}`),
  );
});
beforeEach(() =>
  tamper(
    api,
    ...inEach((table) => `delete from ${table}`),
    ...inEach((table) => `insert into ${table} select * from kept_${table}`),
  ),
);

async function problems() {
  const { problems: found, problemCount } = await verifyAuditLog(api.service.database);
  expect(found).toHaveLength(problemCount);
  return found;
}
const one = (sequence: number, what: string) => ({ sequence, to: sequence, what });

describe('verify finds', () => {
  test('nothing where nothing was done', async () => {
    expect(await verifyAuditLog(api.service.database)).toMatchObject({ entries: written, problemCount: 0 });
  });

  test.each<[string, Sql]>([
    ['time', sql`at_ms = at_ms + 1`],
    ['actor', sql`actor = 'somebody else'`],
    ['role', sql`role = 'ANALYST'`],
    ['token', sql`token_id = null`],
    ['request', sql`request_id = 'another'`],
    ['action', sql`action = 'createCaregiver'`],
    ['kind of target', sql`target_kind = 'event'`],
    ['target', sql`target_id = '999'`],
    ['state before', sql`state_before = '{}'`],
    ['state after', sql`state_after = replace(state_after, 'Unit', 'Ward')`],
    ['reason', sql`reason = 'was asked to'`],
    ['digest', sql`personal_digest = 'none'`],
    ['hash', sql`hash = ${'0'.repeat(64)}`],
  ])('a changed %s, wherever it is', async (_what, change) => {
    for (const sequence of [1, 17, written]) {
      await tamper(api, sql`update audit_log set ${change} where sequence = ${sequence}`);
    }
    expect(await problems()).toEqual([1, 17, written].map((sequence) => one(sequence, 'changed')));
  });

  test('an entry that was changed and given a hash that fits, by the one behind it', async () => {
    const [forged, before] = await select<AuditRow>(
      api,
      sql`select * from audit_log where sequence in (4, 5) order by sequence desc`,
    );
    const hash = hashOf({ ...(forged as AuditRow), actor: 'somebody else' }, before?.hash as string);
    await tamper(api, sql`update audit_log set actor = 'somebody else', hash = ${hash} where sequence = 5`);
    expect(await problems()).toEqual([one(6, 'changed')]);
  });

  test('missing entries at the beginning, in the middle and at the end', async () => {
    await tamper(api, sql`delete from audit_log where sequence in (1, 10, 11, 12) or sequence > 28`);
    expect(await problems()).toEqual([
      one(1, 'missing'),
      { sequence: 10, to: 12, what: 'missing' },
      { sequence: 29, to: 30, what: 'missing' },
    ]);
    // What is added from now on does not hide it.
    await createUnit(api);
    expect(await problems()).toEqual([
      one(1, 'missing'),
      { sequence: 10, to: 12, what: 'missing' },
      { sequence: 29, to: 30, what: 'missing' },
    ]);
  });

  test('that all are missing', async () => {
    await tamper(api, sql`delete from audit_log`);
    expect(await problems()).toEqual([{ sequence: 1, to: written, what: 'missing' }]);
  });

  test('two that have changed places', async () => {
    const swap = [
      [7, 1_007],
      [8, 7],
      [1_007, 8],
    ] as const;
    await tamper(
      api,
      ...swap.map(([from, to]) => sql`update audit_log set sequence = ${to} where sequence = ${from}`),
    );
    const found = await problems();
    expect(found).toContainEqual(one(7, 'changed'));
    expect(found).toContainEqual(one(8, 'changed'));
  });

  test('one that was added behind the last', async () => {
    await tamper(
      api,
      sql`insert into audit_log (sequence, at_ms, actor, role, action, target_kind, hash)
          select sequence + 1, at_ms, actor, role, action, target_kind, hash from audit_log
          where sequence = ${written}`,
    );
    expect(await problems()).toContainEqual(one(written + 1, 'added'));
  });

  test('what was changed beside the log about a person', async () => {
    await tamper(api, sql`update audit_personal set content = replace(content, 'Anna', 'Bo')`);
    expect(await problems()).toEqual([one(2, 'personal')]);
  });

  test('the same over many slices, and lists the first hundred', async () => {
    const units = Array.from({ length: 2_500 }, () => ({ name: 'Unit', externalId: null }));
    const act = { actor: 'a', role: 'OPERATOR', tokenId: null, requestId: null, atMs: 1 } as const;
    await api.service.database.write(
      directoryCommands.createUnit,
      units.map((unit) => ({ ...unit, act })),
    );
    expect(await problems()).toEqual([]);
    await tamper(api, sql`delete from audit_log where sequence = 1500`);
    await tamper(api, sql`update audit_log set actor = 'b' where sequence > 2000 and sequence <= 2200`);
    const check = await verifyAuditLog(api.service.database);
    expect(check).toMatchObject({ entries: written + 2_499, problemCount: 201 });
    expect(check.problems).toHaveLength(100);
    expect(check.problems.slice(0, 2)).toEqual([one(1500, 'missing'), one(2001, 'changed')]);
  });
});

describe('the command verify', () => {
  const database = databaseForTests();

  test('says that the log is whole, or which entry is not, and exits with 1', async () => {
    const kept = await startTestService({ database });
    for (let unit = 0; unit < 4; unit += 1) await createUnit(kept);
    const { hash } = (await entries(kept))[0] as { hash: string };
    const whole = await runCaretally(database, ['verify']);
    expect(whole).toMatchObject({ exitCode: 0, errors: '' });
    expect(whole.output).toContain(`The audit log is whole: 4 entries. The last is 4, ${hash}.`);

    await tamper(kept, ...dropTriggers, sql`update audit_log set actor = 'x' where sequence = 2`);
    await tamper(kept, sql`delete from audit_log where sequence = 4`);
    const words = await runCaretally(database, ['verify']);
    expect(words).toMatchObject({ exitCode: 1, errors: '' });
    expect(words.output).toMatch(
      /^audit log, entry 2: not what its hash was made of.*\naudit log, entry 4: missing\nThe audit log has been tampered with \(problems: 2\)/m,
    );
    const json = await runCaretally(database, ['verify', '--json']);
    expect(JSON.parse(json.output).auditLog).toEqual({
      entries: 3,
      last: { sequence: 4, hash },
      erased: 0,
      problems: [one(2, 'changed'), one(4, 'missing')],
      problemCount: 2,
    });
    await kept.close();
  });
});
