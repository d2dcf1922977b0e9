import sql from 'sql-template-tag';
import { eventually } from '../export/wideReport';
import { runCaretally } from '../support/cli';
import { databaseForTests } from '../support/databases';
import { refusal, select } from '../support/fixtures';
import { startTestService, type TestService } from '../support/testService';
import { testSecret, testToken } from '../support/tokens';
import { withClaims } from './forge';
import { get } from './probes';

const database = databaseForTests();
let api: TestService;
beforeAll(async () => {
  api = await startTestService({ database, readRevokedEveryMs: 100 });
});
afterAll(() => api.close());

const revokeToken = `mutation ($id: ID!, $expiresAt: DateTime) {
  revokeToken(id: $id, expiresAt: $expiresAt) { id revokedAt revokedBy expiresAt }
}`;

async function signIn(on: TestService = api): Promise<{ asker: TestService; id: string }> {
  const asker = on.withToken(await testToken({ role: 'ANALYST', name: 'Eva' }));
  const { viewer } = await asker.data('{ viewer { tokenId } }');
  return { asker, id: viewer.tokenId };
}

async function expectRevoked(asker: TestService): Promise<void> {
  const { status, errors } = await asker.ask('{ ping }');
  expect([status, errors?.[0]?.message]).toEqual([401, 'The token has been revoked. Sign in again.']);
  expect((await get(asker, '/report.csv')).statusCode).toBe(401);
}

test('a revoked token is refused from the next request on, and others are not', async () => {
  const [revoked, other] = [await signIn(), await signIn()];
  const { revokeToken: answer } = await api.data(revokeToken, { id: revoked.id });
  expect(answer).toMatchObject({ id: revoked.id, revokedBy: 'the administrator', expiresAt: null });
  await expectRevoked(revoked.asker);
  expect((await other.asker.data('{ viewer { name } }')).viewer.name).toBe('Eva');
  expect((await api.data('{ viewer { name } }')).viewer.name).toBe('the administrator');
});

test('revoking again changes nothing', async () => {
  const { asker, id } = await signIn();
  const first = await api.data(revokeToken, { id, expiresAt: '2100-01-01T00:00:00Z' });
  expect(first.revokeToken.expiresAt).toBe('2100-01-01T00:00:00.000Z');
  expect(await api.data(revokeToken, { id, expiresAt: '2100-01-01T00:00:00Z' })).toEqual(first);
  await expectRevoked(asker);
});

test('of two ends the later one counts, and no end before any', async () => {
  const { id } = await signIn();
  const endAfter = async (expiresAt: string | null) =>
    (await api.data(revokeToken, { id, expiresAt })).revokeToken.expiresAt;
  expect(await endAfter('2090-01-01T00:00:00Z')).toBe('2090-01-01T00:00:00.000Z');
  expect(await endAfter('2080-01-01T00:00:00Z')).toBe('2090-01-01T00:00:00.000Z');
  expect(await endAfter('2095-01-01T00:00:00Z')).toBe('2095-01-01T00:00:00.000Z');
  expect(await endAfter(null)).toBeNull();
  expect(await endAfter('2099-01-01T00:00:00Z')).toBeNull();
  const { auditLog } = await api.data(
    'query ($id: ID!) { auditLog(filter: { targetKind: token, targetId: $id }) { nodes { action after } } }',
    { id },
  );
  // What changed nothing is no change.
  expect(auditLog.nodes).toEqual([
    { action: 'revokeToken', after: '{"expiresAt":null}' },
    { action: 'revokeToken', after: '{"expiresAt":"2095-01-01T00:00:00.000Z"}' },
    { action: 'revokeToken', after: null },
  ]);
});

test('an id is the same with blanks around it, and however its letters are written', async () => {
  for (const [claimed, asked] of [
    [' blanks ', 'blanks'],
    ['no blanks', ' no blanks\u00a0'],
    ['Ren\u0065\u0301e', 'Ren\u00e9e'],
    ['\u00c5sa', 'A\u030asa'],
  ] as const) {
    const asker = api.withToken(withClaims({ jti: claimed }));
    await asker.data('{ ping }');
    const { tokenId } = (await asker.data('{ viewer { tokenId } }')).viewer;
    expect((await api.data(revokeToken, { id: asked })).revokeToken.id).toBe(tokenId);
    await expectRevoked(asker);
    // Nor does another token with the same id, written otherwise, get past it.
    await expectRevoked(api.withToken(withClaims({ jti: asked, name: 'again' })));
  }
});

test('an id that no token has can be revoked before it has one', async () => {
  const id = 'made by somebody else';
  await api.data(revokeToken, { id });
  await expectRevoked(api.withToken(withClaims({ jti: id })));
});

test('what makes no sense is refused with its field', async () => {
  expect(await api.failure(revokeToken, { id: ' ' })).toMatchObject(refusal('BAD_USER_INPUT', 'id'));
  expect(await api.failure(revokeToken, { id: 'x'.repeat(201) })).toMatchObject(
    refusal('BAD_USER_INPUT', 'id'),
  );
  expect(await api.failure(revokeToken, { id: 'x', expiresAt: '2100-01-01' })).toMatchObject(
    refusal('BAD_USER_INPUT', 'expiresAt'),
  );
});

test('the command revokes, too, and a service that runs hears of it within seconds', async () => {
  const { asker, id } = await signIn();
  const result = await runCaretally(database, ['token', '--revoke', id]);
  expect(result).toMatchObject({ exitCode: 0, errors: '' });
  expect(result.output).toContain(`The token ${id} is revoked.`);
  await eventually(() => expectRevoked(asker));
});

test('a service that starts later refuses what was revoked before', async () => {
  const { id, asker } = await signIn();
  await api.data(revokeToken, { id });
  const later = await startTestService({ database });
  await expectRevoked(later.withToken((asker.authorization as string).slice('Bearer '.length)));
  await later.close();
});

/** The ids that are kept, of tokens that a test has named so. */
async function keptIds(): Promise<string[]> {
  const rows = await select<{ token_id: string }>(
    api,
    sql`select token_id from revoked_token where token_id like 'ended %' order by token_id`,
  );
  return rows.map((row) => row.token_id);
}

const dayMs = 86_400_000;
const fromNow = (days: number) => new Date(Date.now() + days * dayMs).toISOString();

test('tokens that ended more than a year ago are forgotten when the next one is revoked', async () => {
  await api.data(revokeToken, { id: 'ended lately', expiresAt: fromNow(-300) });
  await api.data(revokeToken, { id: 'ended long ago', expiresAt: fromNow(-400) });
  expect(await keptIds()).toEqual(['ended lately', 'ended long ago']);
  await api.data(revokeToken, { id: 'another one' });
  expect(await keptIds()).toEqual(['ended lately']);
});

test("a process whose clock is years ahead for a moment brings nothing back: the database's counts", async () => {
  const { asker, id } = await signIn();
  await api.data(revokeToken, { id, expiresAt: fromNow(1) });
  try {
    api.setNow(Date.now() + 20 * 365 * dayMs);
    await api.data(revokeToken, { id: 'revoked in the future' });
  } finally {
    api.setNow(undefined);
  }
  await expectRevoked(asker);
  // Nor for a service that knows only what the database tells.
  const later = await startTestService({ database });
  await expectRevoked(later.withToken((asker.authorization as string).slice('Bearer '.length)));
  await later.close();
});

test('two instances of the service agree within seconds', async () => {
  const other = await startTestService({
    database,
    readRevokedEveryMs: 100,
    auth: { kind: 'secret', secret: testSecret },
  });
  const { id, asker } = await signIn();
  const there = other.withToken((asker.authorization as string).slice('Bearer '.length));
  expect((await there.data('{ viewer { name } }')).viewer.name).toBe('Eva');
  await api.data(revokeToken, { id });
  await eventually(() => expectRevoked(there));
  await other.close();
});

test('an id is compared as it is kept, whoever made the token', async () => {
  const jti = 'A\u030asa 17 ';
  const asker = api.withToken(withClaims({ jti }));
  const { viewer } = await asker.data('{ viewer { tokenId } }');
  expect(viewer.tokenId).toBe('Åsa 17');
  await api.data(revokeToken, { id: jti });
  await expectRevoked(asker);
});

test('an id that nobody could type again is none: the token is known by its hash', async () => {
  for (const jti of ['\u2800', 'a\u202eb', '🙂'.repeat(201)]) {
    const asker = api.withToken(withClaims({ jti }));
    const { viewer } = await asker.data('{ viewer { tokenId } }');
    expect(viewer.tokenId).toMatch(/^sha256:/);
    await api.data(revokeToken, { id: viewer.tokenId });
    await expectRevoked(asker);
  }
});
