import { nowSeconds, withClaims } from '../access/forge';
import { databaseForTests } from '../support/databases';
import { createCaregiver, createEventType, noon, noonMs, register } from '../support/fixtures';
import { connect, dial } from '../support/live';
import { startTestService, type TestService } from '../support/testService';
import { eventsChanged, shownIds } from './subscriptions';

const database = databaseForTests();
let api: TestService;
beforeAll(async () => {
  api = await startTestService({ database, readRevokedEveryMs: 100 });
});
afterAll(() => api.close());
afterEach(() => api.setNow(undefined));

const howTo = 'Sign in: connection_init must have the payload {"authorization": "Bearer TOKEN"}.';
const notValid = 'The token is not valid here. Sign in again.';

describe('a connection is closed, and says why,', () => {
  test.each([
    ['that sends no token', {}, howTo],
    ['whose token is no text', { authorization: ['Bearer x'] }, howTo],
    ['whose token stands somewhere else', { token: 'x' }, howTo],
    [
      'whose token has no scheme',
      { authorization: withClaims({}) },
      'The header Authorization must read "Bearer TOKEN".',
    ],
    ['whose token is none', { authorization: 'Bearer x.y.z' }, notValid],
    [
      'whose token was made for others',
      { authorization: `Bearer ${withClaims({ aud: 'others' })}` },
      notValid,
    ],
    [
      'whose token was made by others',
      { authorization: `Bearer ${withClaims({ iss: 'others' })}` },
      notValid,
    ],
    [
      'whose token has expired',
      { authorization: `Bearer ${withClaims({ exp: nowSeconds() - 60 })}` },
      'The token has expired. Sign in again.',
    ],
  ])('%s', async (_who, payload, reason) => {
    const raw = await dial(api);
    raw.send({ type: 'connection_init', payload });
    expect(await raw.closed).toEqual({ code: 4401, reason });
    expect(raw.messages).toEqual([]);
  });

  test('that subscribes without having signed in', async () => {
    const raw = await dial(api);
    raw.send({ id: '1', type: 'subscribe', payload: { query: eventsChanged } });
    expect((await raw.closed).code).toBe(4401);
    expect(raw.messages).toEqual([]);
  });

  test('whose header alone has a token: browsers cannot send one', async () => {
    const raw = await dial(api, 'graphql-transport-ws', { authorization: api.authorization as string });
    raw.send({ type: 'connection_init' });
    expect(await raw.closed).toEqual({ code: 4401, reason: howTo });
  });
});

describe('what was open ends', () => {
  const jti = (name: string) => ({ jti: name, sub: name, role: 'ANALYST' });
  const revokeToken = 'mutation ($id: ID!) { revokeToken(id: $id) { id } }';

  test('when the token expires, also when nothing changes', async () => {
    const exp = nowSeconds() + 3_600;
    const client = await connect(api.withToken(withClaims({ ...jti('expires'), exp })));
    const events = client.subscribe(eventsChanged, { filter: { caregiverIds: [] } });
    await events.next();
    api.setNow((exp + 60) * 1_000);
    expect(await client.closed).toMatchObject({
      code: 4401,
      reason: 'The token has expired. Sign in again.',
    });
    expect(await events.ended).toMatchObject({ code: 4401 });
  });

  test('when the token is revoked, and nothing is shown any more', async () => {
    api.setNow(noonMs);
    const [caregiverId, eventTypeId] = [await createCaregiver(api), await createEventType(api)];
    const filter = { caregiverIds: [caregiverId] };
    const token = withClaims({ ...jti('revoked'), exp: Math.floor(noonMs / 1_000) + 3_600 });
    const [client, other] = [await connect(api.withToken(token)), await connect(api)];
    const [events, others] = [client, other].map((one) => one.subscribe(eventsChanged, { filter }));
    await Promise.all([events?.next(), others?.next()]);
    await api.data(revokeToken, { id: 'revoked' });
    const { event } = await register(api, { caregiverId, eventTypeId, occurredAt: noon });
    await others?.until((seen) => shownIds(seen).includes(event.id));
    expect(await client.closed).toMatchObject({ code: 4401 });
    expect(events?.waiting()).toBe(0);
    expect(other.timesOpened()).toBe(1);
  });

  test('when another instance has revoked the token', async () => {
    const there = await startTestService({ database });
    const client = await connect(api.withToken(withClaims(jti('revoked there'))));
    await client.subscribe(eventsChanged).next();
    await there.data(revokeToken, { id: 'revoked there' });
    expect(await client.closed).toMatchObject({
      code: 4401,
      reason: 'The token has been revoked. Sign in again.',
    });
    await there.close();
  });
});
