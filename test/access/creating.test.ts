import { once } from 'node:events';
import { createToken as createTokenFor } from '../../src/directory/tokens/createToken';
import { actOfOperator } from '../../src/platform/audit/act';
import { databaseForTests } from '../support/databases';
import { createCaregiver, createUnit, noonMs, pageOf, refusal, walk } from '../support/fixtures';
import { addressOf, spawnService } from '../support/serviceProcess';
import { startTestService, type TestService } from '../support/testService';
import { adminHeader } from '../support/tokens';

const database = databaseForTests();
let api: TestService;
let unitId: string;
let caregiverId: string;
beforeAll(async () => {
  api = await startTestService({ database });
  unitId = await createUnit(api, { name: 'North' });
  caregiverId = await createCaregiver(api, { name: 'Anna Ek', unitId });
});
afterAll(() => api.close());
afterEach(() => api.setNow(undefined));

const createToken = `mutation ($input: CreateTokenInput!) {
  createToken(input: $input) { id token role name expiresAt }
}`;
const create = async (input: object) => (await api.data(createToken, { input })).createToken;
const viewer = '{ viewer { role name tokenId expiresAt caregiver { id } unit { id } } }';

test.each(['ADMIN', 'ACCOUNTANT', 'ANALYST'])(
  'a token of the role %s signs in, for 8 hours',
  async (role) => {
    api.setNow(noonMs);
    const { id, token, ...made } = await create({ role });
    const expiresAt = new Date(noonMs + 8 * 3_600_000).toISOString();
    expect(made).toEqual({ role, name: role.toLowerCase(), expiresAt });
    expect((await api.withToken(token).data(viewer)).viewer).toEqual({
      role,
      name: role.toLowerCase(),
      tokenId: id,
      expiresAt,
      caregiver: null,
      unit: null,
    });
  },
);

test('it says who a caregiver is and of which unit a manager, and how to call them', async () => {
  const viewerOf = async (input: object) =>
    (await api.withToken((await create(input)).token).data(viewer)).viewer;
  expect(await viewerOf({ role: 'CAREGIVER', caregiverId })).toMatchObject({
    name: 'Anna Ek',
    caregiver: { id: caregiverId },
    unit: null,
  });
  expect(await viewerOf({ role: 'MANAGER', unitId })).toMatchObject({
    name: 'manager of North',
    caregiver: null,
    unit: { id: unitId },
  });
  expect(await viewerOf({ role: 'MANAGER', unitId, name: ' Eva ' })).toMatchObject({ name: 'Eva' });
});

test('it holds from an hour to a year, and not a moment longer', async () => {
  api.setNow(noonMs);
  for (const expiresInHours of [1, 8784]) {
    const { token } = await create({ role: 'ANALYST', expiresInHours });
    const endMs = noonMs + expiresInHours * 3_600_000;
    api.setNow(endMs - 1_000);
    expect((await api.withToken(token).data(viewer)).viewer.role).toBe('ANALYST');
    api.setNow(endMs + 6_000);
    expect((await api.withToken(token).ask(viewer)).status).toBe(401);
    api.setNow(noonMs);
  }
  for (const expiresInHours of [0, 8785]) {
    const error = await api.failure(createToken, { input: { role: 'ANALYST', expiresInHours } });
    expect(error).toMatchObject(refusal('BAD_USER_INPUT', 'expiresInHours'));
    expect(error.message).toBe('expiresInHours must be from 1 to 8784.');
  }
});

test.each([
  [{ role: 'CAREGIVER' }, 'caregiverId', 'The role CAREGIVER needs caregiverId.'],
  [{ role: 'MANAGER' }, 'unitId', 'The role MANAGER needs unitId.'],
  [{ role: 'ANALYST', caregiverId: '1' }, 'caregiverId', 'caregiverId goes with the role CAREGIVER.'],
  [{ role: 'CAREGIVER', caregiverId: '1', unitId: '1' }, 'unitId', 'unitId goes with the role MANAGER.'],
  [
    { role: 'CAREGIVER', caregiverId: 'Anna' },
    'caregiverId',
    'caregiverId must be an id as the service gave it, such as "17".',
  ],
  [{ role: 'ANALYST', name: ' ' }, 'name', 'name must not be empty.'],
])('%j is refused with its field', async (input, field, message) => {
  const error = await api.failure(createToken, { input });
  expect(error).toMatchObject({ message, ...refusal('BAD_USER_INPUT', field) });
});

test('nobody gets a token who is not there', async () => {
  expect(await api.failure(createToken, { input: { role: 'CAREGIVER', caregiverId: '4711' } })).toMatchObject(
    { message: 'There is no caregiver 4711.', ...refusal('UNKNOWN_CAREGIVER', 'caregiverId') },
  );
  expect(await api.failure(createToken, { input: { role: 'MANAGER', unitId: '4711' } })).toMatchObject({
    message: 'There is no unit 4711.',
    ...refusal('UNKNOWN_UNIT', 'unitId'),
  });
});

test('where an identity provider signs the tokens, the service makes none', async () => {
  const elsewhere = await startTestService({
    auth: {
      kind: 'provider',
      jwksUrl: 'http://127.0.0.1:1/keys',
      issuer: 'https://id.example.com',
      audience: 'caretally',
    },
  });
  const wish = { role: 'ANALYST', caregiverId: null, unitId: null, name: null, expiresInHours: 8 } as const;
  const act = actOfOperator(elsewhere.service);
  await expect(
    createTokenFor(elsewhere.service.database, elsewhere.access, { ...wish, act }),
  ).rejects.toMatchObject({
    code: 'TOKENS_MADE_ELSEWHERE',
    message: 'The tokens of this service are made by its identity provider. Make it there.',
  });
  // Whatever else is wrong with it.
  const forNobody = { ...wish, role: 'CAREGIVER', caregiverId: '4711', act } as const;
  await expect(createTokenFor(elsewhere.service.database, elsewhere.access, forNobody)).rejects.toMatchObject(
    { code: 'TOKENS_MADE_ELSEWHERE' },
  );
  await elsewhere.close();
});

test('the audit log knows who has made it for whom, and not the token', async () => {
  const { id, token, expiresAt } = await create({ role: 'CAREGIVER', caregiverId });
  const { auditLog } = await api.data(
    `{ auditLog(filter: { targetKind: token, targetId: "${id}" }) { nodes { action role before after } } }`,
  );
  const after = JSON.stringify({ role: 'CAREGIVER', caregiverId: Number(caregiverId), expiresAt });
  expect(auditLog.nodes).toEqual([{ action: 'createToken', role: 'ADMIN', before: null, after }]);
  expect(JSON.stringify(auditLog)).not.toContain(token.split('.')[2]);
});

test('what was made and revoked is listed, the last first, page by page', async () => {
  const ids: string[] = [];
  for (const minutes of [1, 2, 2, 3, 3]) {
    api.setNow(noonMs + minutes * 60_000);
    const { id } = await create({ role: 'ANALYST' });
    await api.data(`mutation { revokeToken(id: "${id}") { id } }`);
    ids.push(id);
  }
  const [first, ...pairs] = ids as [string, string, string, string, string];
  const expected = [...pairs.slice(2).sort().reverse(), ...pairs.slice(0, 2).sort().reverse(), first];
  for (const size of [2, 5, 1000]) {
    const found = await walk(size, async (first, after) => {
      const { revokedTokens } = await api.data(
        `query ($first: Int, $after: String) {
          revokedTokens(first: $first, after: $after) { ${pageOf('id revokedAt revokedBy')} }
        }`,
        { first, after },
      );
      return revokedTokens;
    });
    expect(found.map(({ id }) => id)).toEqual(expected);
  }
});

test('a token that was made is in no log, at the finest level of which everything is told', async () => {
  const service = spawnService({ ...process.env, DATABASE_URL: database.url, LOG_LEVEL: 'trace' });
  if (!service.stdout) throw new Error('the service has no output');
  let output = '';
  service.stdout.on('data', (chunk: Buffer) => {
    output += String(chunk);
  });
  const { origin } = new URL(await addressOf(service));
  // Whoever has read the address has paused it.
  service.stdout.resume();
  const response = await fetch(`${origin}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(await adminHeader()) },
    body: JSON.stringify({ query: createToken, variables: { input: { role: 'ANALYST' } } }),
  });
  const { data } = (await response.json()) as { data: { createToken: { token: string } } };
  const [, , signature] = data.createToken.token.split('.') as [string, string, string];
  service.kill('SIGTERM');
  await once(service, 'exit');
  expect(output).toContain('is ready');
  expect(output).not.toContain(signature);
});

test('a name is counted in characters, and the usual one is cut between two', async () => {
  const longest = '🙂'.repeat(200);
  expect((await create({ role: 'ANALYST', name: longest })).name).toBe(longest);
  expect(await api.failure(createToken, { input: { role: 'ANALYST', name: `${longest}🙂` } })).toMatchObject(
    refusal('BAD_USER_INPUT', 'name'),
  );
  // Cut behind a joiner.
  const family = `${'x'.repeat(187)}👨\u200d👩 Nord`;
  for (const name of [longest, family]) {
    const { token, name: usual } = await create({ role: 'MANAGER', unitId: await createUnit(api, { name }) });
    expect(`manager of ${name}`.startsWith(usual)).toBe(true);
    expect(usual).not.toMatch(/\p{Cs}|\u200d$/u);
    expect((await api.withToken(token).data(viewer)).viewer.name).toBe(usual);
  }
});
