import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import sql from 'sql-template-tag';
import { pseudonymiseIn } from '../../src/directory/commands';
import { verifyAuditLog } from '../../src/platform/audit/verifyAuditLog';
import { entries, newest } from '../support/auditLog';
import { runCaretally } from '../support/cli';
import { databaseForTests } from '../support/databases';
import {
  createCaregiver,
  createEventType,
  findDrift,
  findEvent,
  noon,
  noonMs,
  pay,
  readReport,
  register,
  registerPast,
  remove,
  select,
  tamper,
} from '../support/fixtures';
import { startTestService, type TestService } from '../support/testService';

const database = databaseForTests();
let api: TestService;
let caregiverId: string;
let otherId: string;
let eventTypeId: string;

/** Words that lead back to the person, each of which stands in one place or several. */
const secrets = ['Ann-Britt', 'Lundqvist', 'AB-1961', 'sick-child', 'her-brother', 'wrong-patient'];

beforeAll(async () => {
  api = await startTestService({ database });
  api.setNow(noonMs);
  eventTypeId = await createEventType(api, { amount: 100 });
  caregiverId = await createCaregiver(api, { name: 'Ann-Britt', externalId: 'AB-1961' });
  otherId = await createCaregiver(api, { name: 'Bo', externalId: 'B' });
});
afterAll(() => api.close());

const pseudonymise = (...options: string[]) =>
  runCaretally(database, ['pseudonymise', '--caregiver', caregiverId, ...options]);

/** All that the database holds, as text. */
async function everything(): Promise<string> {
  const tables = ['caregiver', 'event', 'audit_log', 'audit_personal', 'setting', 'payout', 'revoked_token'];
  const found = await Promise.all(tables.map((table) => select(api, sql([`select * from ${table}`]))));
  return JSON.stringify(found);
}

describe('pseudonymising a caregiver', () => {
  let late: string;
  let gone: string;
  let others: string;

  test('takes away who they are, everywhere, and leaves every sum as it was', async () => {
    const update = `mutation ($id: ID!) { updateCaregiver(id: $id, input: { name: "Ann-Britt Lundqvist" }) { id } }`;
    await api.data(update, { id: caregiverId });
    const event = { caregiverId, eventTypeId };
    const times = ['2026-01-10', '2026-01-11', '2026-02-10'].map((day) => `${day}T12:00:00Z`);
    const registered = await registerPast(
      api,
      times.map((occurredAt) => ({ ...event, occurredAt, lateReason: 'sick-child' })),
    );
    late = registered[0]?.id as string;
    await pay(api, { eventIds: [late] });
    const self = await api.as({ role: 'CAREGIVER', name: 'Ann-Britt', caregiverId: Number(caregiverId) });
    gone = (await register(self, { ...event, occurredAt: noon })).event.id;
    await remove(self, gone, 'her-brother');
    await remove(api, registered[1]?.id as string, 'wrong-patient');
    const othersEvent = (await register(api, { caregiverId: otherId, eventTypeId, occurredAt: noon })).event;
    others = othersEvent.id;
    await remove(api, others, 'twice');

    const before = await everything();
    for (const secret of secrets) expect(before).toContain(secret);
    const report = await readReport(api);
    const written = (await newest(api)).sequence;

    const done = await pseudonymise('--reason', 'request 17', '--json');
    expect(done).toMatchObject({ exitCode: 0, errors: '' });
    expect(JSON.parse(done.output)).toEqual({
      caregiver: Number(caregiverId),
      name: `Caregiver ${caregiverId}`,
      changed: true,
      events: 4,
      auditEntries: 4,
    });

    const after = await everything();
    for (const secret of secrets) expect(after).not.toContain(secret);
    expect(await readReport(api)).toEqual(report);
    expect(await findDrift(api)).toEqual([]);
    expect(await api.data(`{ caregiver(id: "${caregiverId}") { name externalId } }`)).toEqual({
      caregiver: { name: `Caregiver ${caregiverId}`, externalId: null },
    });
    expect(await newest(api)).toMatchObject({
      sequence: written + 1,
      actor: userInfo().username,
      role: 'OPERATOR',
      tokenId: null,
      requestId: null,
      action: 'pseudonymiseCaregiver',
      targetId: caregiverId,
      reason: 'request 17',
    });
  });

  test('leaves the audit log whole: it says what was done, and no more to whom', async () => {
    expect(await verifyAuditLog(api.service.database)).toMatchObject({ problemCount: 0, erased: 4 });
    const found = await entries(api, { targetKind: 'caregiver', targetId: caregiverId });
    expect(found.map(({ action, before, after, erased }) => ({ action, before, after, erased }))).toEqual([
      {
        action: 'pseudonymiseCaregiver',
        before: null,
        after: { name: `Caregiver ${caregiverId}`, externalId: null, events: 4, auditEntries: 4 },
        erased: false,
      },
      { action: 'updateCaregiver', before: null, after: null, erased: true },
      { action: 'createCaregiver', before: null, after: { unitId: null }, erased: true },
    ]);
    const [deletion] = await entries(api, { targetKind: 'event', targetId: gone });
    expect(deletion).toMatchObject({ actor: `caregiver:${caregiverId}`, reason: null, erased: true });
  });

  test('leaves others as they were', async () => {
    expect(await api.data(`{ caregiver(id: "${otherId}") { name externalId } }`)).toEqual({
      caregiver: { name: 'Bo', externalId: 'B' },
    });
    expect(await findEvent(api, others)).toMatchObject({
      deletedBy: 'the administrator',
      deleteReason: 'twice',
    });
  });

  test('tells what was erased from what was never there', async () => {
    expect(await findEvent(api, late)).toMatchObject({
      lateReason: '(erased)',
      deletedBy: null,
      deleteReason: null,
    });
    expect(await findEvent(api, gone)).toMatchObject({
      lateReason: null,
      deletedBy: '(erased)',
      deleteReason: '(erased)',
    });
  });

  test('keeps the ids of events: the same one again is still a replay', async () => {
    const occurredAt = '2026-01-10T12:00:00.000Z';
    const same = { id: late, caregiverId, eventTypeId, occurredAt, lateReason: 'sick-child' };
    expect(await register(api, same)).toMatchObject({ replayed: true, event: { lateReason: '(erased)' } });
  });

  test('again changes nothing, and erases what has come since', async () => {
    const before = await everything();
    const again = await pseudonymise();
    expect(again).toMatchObject({ exitCode: 0, errors: '' });
    expect(again.output).toBe(`Nothing to do: nothing is left to erase of the caregiver ${caregiverId}.\n`);
    expect(await everything()).toBe(before);

    const { event } = await register(api, { caregiverId, eventTypeId, occurredAt: noon });
    await remove(api, event.id, 'Ann-Britt again');
    const since = await pseudonymise('--json');
    expect(JSON.parse(since.output)).toMatchObject({ changed: true, events: 1, auditEntries: 1 });
    expect(await everything()).not.toContain('Ann-Britt');
  });

  test('of somebody unknown, or nobody, is refused in a sentence', async () => {
    const refused = async (...options: string[]) => {
      const { exitCode, output, errors } = await runCaretally(database, ['pseudonymise', ...options]);
      expect([exitCode, output]).toEqual([1, '']);
      return errors;
    };
    expect(await refused('--caregiver', '999999')).toBe('There is no caregiver 999999.\n');
    expect(await refused('--caregiver', 'Anna')).toMatch(
      /It must be an id as the service gave it, such as 17/,
    );
    expect(await refused()).toMatch(/--caregiver/);
    expect(await refused('--caregiver', otherId, '--reason', 'x'.repeat(501))).toMatch(
      /--reason must be at most 500 characters long/,
    );
  });

  test('is rolled back whole', async () => {
    const name = 'caregiver, whose name is kept';
    const id = Number(await createCaregiver(api, { name }));
    const act = { actor: 'a', role: 'OPERATOR', tokenId: null, requestId: null, atMs: noonMs } as const;
    const { database: written, subsystems } = api.service;
    const { sequence } = await newest(api);
    // The entry of the log is the last thing to be written, and its number is taken.
    await tamper(
      api,
      sql`insert into audit_log (sequence, at_ms, actor, role, action, target_kind, hash)
          values (${sequence + 1}, 1, 'x', 'x', 'backup', 'database', 'x')`,
    );
    await expect(
      written.write(pseudonymiseIn(subsystems), [{ caregiverId: id, reason: null, act }]),
    ).rejects.toThrow();
    const [kept] = await select<{ name: string }>(api, sql`select name from caregiver where id = ${id}`);
    expect(kept).toEqual({ name });
    expect(await select(api, sql`select * from audit_personal where caregiver_id = ${id}`)).toHaveLength(1);
  });
});

if (testEngine === 'sqlite')
  test('on SQLite, nothing of it is left in the file once the service has stopped', async () => {
    await api.close();
    const file = database.url.replace('sqlite:', '');
    const bytes = readFileSync(file).toString('latin1');
    for (const secret of secrets) expect([secret, bytes.includes(secret)]).toEqual([secret, false]);
  });
