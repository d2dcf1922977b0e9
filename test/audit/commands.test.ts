import { rmSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import sql from 'sql-template-tag';
import { verifyAuditLog } from '../../src/platform/audit/verifyAuditLog';
import { type AnsweredEntry, entries, newest } from '../support/auditLog';
import { runCaretally } from '../support/cli';
import { databaseForTests, sqliteFile, temporaryFolder } from '../support/databases';
import {
  createCaregiver,
  createEventType,
  createUnit,
  noon,
  noonMs,
  register,
  tamper,
} from '../support/fixtures';
import { startTestService, type TestService } from '../support/testService';

const database = databaseForTests();
const folder = temporaryFolder();
const synthea = join(__dirname, '..', 'import', 'synthea');
let api: TestService;
let caregiverId: string;

beforeAll(async () => {
  api = await startTestService({ database });
  api.setNow(noonMs);
  caregiverId = await createCaregiver(api);
  const eventTypeId = await createEventType(api);
  await register(api, { caregiverId, eventTypeId, occurredAt: noon });
});
afterAll(async () => {
  await api.close();
  rmSync(folder, { recursive: true, force: true });
});

/** What a command that succeeds adds to the log, in its order; each entry by the user who runs it. */
async function entriesOf(commandLine: string[], environment?: Record<string, string>) {
  const before = (await newest(api)).sequence;
  const result = await runCaretally(database, commandLine, environment);
  expect([result.exitCode, result.output === '' && result.errors]).toEqual([0, false]);
  const added = (await entries(api)).filter(({ sequence }) => sequence > before).reverse();
  for (const { actor, role, tokenId, requestId } of added) {
    expect([actor, role, tokenId, requestId]).toEqual([userInfo().username, 'OPERATOR', null, null]);
  }
  return {
    ...result,
    added: added.map(({ action, targetKind, targetId, before, after }) => ({
      action,
      targetKind,
      targetId,
      before,
      after,
    })),
  };
}

describe('a command has its entry', () => {
  test('export, of the report and of events', async () => {
    const options = ['--caregiver', caregiverId, '--from-month', '2026-03', '--to-month', '2026-03'];
    const { added } = await entriesOf(['export', 'report', '--format', 'xml', ...options]);
    const target = { targetId: null, before: null };
    expect(added).toEqual([
      {
        ...target,
        action: 'exportReport',
        targetKind: 'report',
        after: {
          format: 'xml',
          from: '2026-02-28T23:00:00.000Z',
          to: '2026-03-31T22:00:00.000Z',
          caregiverIds: [Number(caregiverId)],
        },
      },
    ]);
    const many = Array.from({ length: 51 }, (_, index) => ['--caregiver', String(index + 1)]).flat();
    const events = await entriesOf(['export', 'events', ...many]);
    expect(events.added).toEqual([
      {
        ...target,
        action: 'exportEvents',
        targetKind: 'events',
        after: {
          format: 'csv',
          caregiverIds: { count: 51, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
        },
      },
    ]);
  });

  test('token, by which the entries of its holder are known; and its revocation', async () => {
    const made = await entriesOf(['token', '--role', 'CAREGIVER', '--caregiver', caregiverId, '--json'], {
      AUTH_SECRET: 'a secret of more than thirty-two bytes',
    });
    const { id, expiresAt } = JSON.parse(made.output);
    const token = { targetKind: 'token', targetId: id, before: null };
    expect(made.added).toEqual([
      {
        ...token,
        action: 'createToken',
        after: { role: 'CAREGIVER', caregiverId: Number(caregiverId), expiresAt },
      },
    ]);
    const revoked = await entriesOf(['token', '--revoke', id]);
    expect(revoked.added).toEqual([{ ...token, action: 'revokeToken', after: null }]);
    expect((await entriesOf(['token', '--revoke', id])).added).toEqual([]);
  });

  test('import, of the people and types that it creates, and none of events', async () => {
    const { added, output } = await entriesOf(['import', 'synthea', synthea, '--currency', 'USD', '--json']);
    const summary = JSON.parse(output);
    expect(summary.registered).toBeGreaterThan(0);
    const count = (action: string) => added.filter((entry) => entry.action === action).length;
    expect([count('createUnit'), count('createCaregiver'), count('createEventType')]).toEqual([
      summary.unitsCreated,
      summary.caregiversCreated,
      summary.eventTypesCreated,
    ]);
    expect(added).toHaveLength(summary.unitsCreated + summary.caregiversCreated + summary.eventTypesCreated);
    expect((await entriesOf(['import', 'synthea', synthea, '--currency', 'USD'])).added).toEqual([]);
  });

  test('rebuild, where it corrects something', async () => {
    expect((await entriesOf(['rebuild'])).added).toEqual([]);
    const id = Number(caregiverId);
    await tamper(api, sql`update monthly_rollup set unreimbursed_amount = 7 where caregiver_id = ${id}`);
    const { added } = await entriesOf(['rebuild']);
    expect(added).toEqual([
      {
        action: 'rebuildRollup',
        targetKind: 'rollup',
        targetId: 'monthly_rollup',
        before: null,
        after: {
          column: 'caregiver_id',
          from: expect.any(Number),
          to: expect.any(Number),
          correctedRows: 1,
        },
      },
    ]);
    const { after } = added[0] as { after: { from: number; to: number } };
    expect(after.from).toBeLessThanOrEqual(id);
    expect(after.to).toBeGreaterThanOrEqual(id);
  });
});

test('the log is whole after all of this', async () => {
  expect(await verifyAuditLog(api.service.database)).toMatchObject({ problemCount: 0 });
});

if (testEngine === 'sqlite')
  test('backup tells the database first, so that the copy knows of itself', async () => {
    const file = join(folder, 'copy.db');
    expect((await entriesOf(['backup', file])).added).toEqual([
      { action: 'backup', targetKind: 'database', targetId: null, before: null, after: { to: file } },
    ]);
    const copy = await startTestService({ database: sqliteFile(file) });
    const [here, there] = await Promise.all([api, copy].map((service) => newest(service as TestService)));
    expect((there as AnsweredEntry).hash).toBe((here as AnsweredEntry).hash);
    await copy.close();
  });

test('other months have their entries, at the beginning and the end of the recount', async () => {
  const { sequence: before } = await newest(api);
  const { exitCode } = await runCaretally(database, ['rebuild'], { TIME_ZONE: 'Asia/Tokyo' });
  expect(exitCode).toBe(0);
  // The service that ran meanwhile counts other months, and answers nothing any more.
  await api.close();
  api = await startTestService({ database, timeZone: 'Asia/Tokyo' });
  const added = (await entries(api))
    .filter(({ sequence }) => sequence > before)
    .reverse()
    .map(({ action, targetKind, targetId, before: was, after }) => ({
      action,
      targetKind,
      targetId,
      before: was,
      after,
    }));
  const calendar = { action: 'replaceCalendar', targetKind: 'calendar', targetId: null };
  expect(added[0]).toEqual({
    ...calendar,
    before: { timeZone: 'Europe/Stockholm', rebuildPending: false },
    after: { timeZone: 'Asia/Tokyo', rebuildPending: true },
  });
  expect(added.at(-1)).toEqual({
    ...calendar,
    before: { timeZone: 'Asia/Tokyo', rebuildPending: true },
    after: { timeZone: 'Asia/Tokyo', rebuildPending: false },
  });
  expect(await createUnit(api)).toMatch(/^\d+$/);
});
