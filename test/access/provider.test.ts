import { generateKeyPairSync, type KeyObject, sign as signBy } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { eventually } from '../export/wideReport';
import { dayMs, letPass, restoreClocks, setClockBy } from '../support/clocks';
import { startTestService, type TestService } from '../support/testService';
import { testToken } from '../support/tokens';
import { bySecret, encode, forge, nowSeconds, type Sign } from './forge';

const issuer = 'https://id.example.com';
const audience = 'the caretally of a clinic';

/** A key of the identity provider. */
interface Key {
  alg: string;
  kid: string;
  publicKey: KeyObject;
  sign: Sign;
}

let made = 0;
function newKey(alg: 'RS256' | 'ES256' | 'EdDSA' = 'ES256'): Key {
  made += 1;
  const kid = `key ${made}`;
  if (alg === 'RS256') {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    return { alg, kid, publicKey, sign: (text) => signBy('sha256', Buffer.from(text), privateKey) };
  }
  if (alg === 'ES256') {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const key = { key: privateKey, dsaEncoding: 'ieee-p1363' as const };
    return { alg, kid, publicKey, sign: (text) => signBy('sha256', Buffer.from(text), key) };
  }
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  return { alg, kid, publicKey, sign: (text) => signBy(null, Buffer.from(text), privateKey) };
}

/** A small identity provider: shows its keys, as long as it is up. */
class Provider {
  keys: Key[] = [];
  asked = 0;
  answer: 'keys' | 'nothing' | 'a failure' | 'junk' | 'another place' = 'keys';
  private server: Server | undefined;
  private port = 0;

  get url(): string {
    return `http://127.0.0.1:${this.port}/keys`;
  }

  async start(): Promise<void> {
    this.server = createServer((_request, response) => {
      this.asked += 1;
      if (this.answer === 'nothing') return;
      if (this.answer === 'a failure') response.statusCode = 500;
      if (this.answer === 'another place') response.writeHead(302, { location: 'http://127.0.0.1:1/keys' });
      const keys = this.keys.map(({ alg, kid, publicKey }) => ({
        ...publicKey.export({ format: 'jwk' }),
        alg,
        kid,
        use: 'sig',
      }));
      response.end(this.answer === 'junk' ? '<html>' : JSON.stringify({ keys }));
    });
    this.server.listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
    this.port = (this.server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    this.server?.closeAllConnections();
    this.server?.close();
    if (this.server) await once(this.server, 'close');
    this.server = undefined;
  }
}

const claims = (changes: object = {}) => ({
  iss: issuer,
  aud: audience,
  sub: 'a6c1',
  name: 'Eva Ek',
  role: 'ANALYST',
  exp: nowSeconds() + 600,
  ...changes,
});
const tokenBy = (key: Key, changes: object = {}) =>
  forge({ alg: key.alg, kid: key.kid }, claims(changes), key.sign);

const provider = new Provider();
const times = { timeoutMs: 500, cooldownMs: 0, cacheMs: 200 };
const services: TestService[] = [];

/** A service that has not met its provider yet. */
async function startWith(providerTimes = { ...times, cacheMs: 600_000 }): Promise<TestService> {
  const auth = { kind: 'provider', jwksUrl: provider.url, issuer, audience } as const;
  const api = await startTestService({ auth, providerTimes });
  services.push(api);
  return api;
}

const viewer = '{ viewer { role name tokenId } }';
const ask = (api: TestService, token: string) => api.withToken(token).ask(viewer);

async function expectRefused(api: TestService, token: string): Promise<void> {
  const { status, data, errors } = await ask(api, token);
  expect([status, data, errors?.[0]?.extensions?.code]).toEqual([401, undefined, 'UNAUTHENTICATED']);
}

beforeAll(() => provider.start());
beforeEach(() => {
  provider.answer = 'keys';
});
afterAll(async () => {
  for (const api of services) await api.close();
  await provider.stop();
});

test.each(['RS256', 'ES256', 'EdDSA'] as const)('tokens by %s say who is asking', async (alg) => {
  const key = newKey(alg);
  provider.keys = [newKey('RS256'), key];
  const api = await startWith();
  const { data } = await ask(api, tokenBy(key, { jti: 'their id' }));
  expect(data.viewer).toEqual({ role: 'ANALYST', name: 'Eva Ek', tokenId: 'their id' });
});

test('a token without an id has one by its content, and can be revoked by it', async () => {
  const key = newKey();
  provider.keys = [key];
  const api = await startWith();
  const [token, other] = [tokenBy(key), tokenBy(key, { sub: 'b7' })];
  const { tokenId } = (await ask(api, token)).data.viewer;
  expect(tokenId).toMatch(/^sha256:[\w-]{43}$/);
  expect((await ask(api, token)).data.viewer.tokenId).toBe(tokenId);
  expect((await ask(api, other)).data.viewer.tokenId).not.toBe(tokenId);
  const admin = api.withToken(tokenBy(key, { role: 'ADMIN' }));
  await admin.data('mutation ($id: ID!) { revokeToken(id: $id) { id } }', { id: tokenId });
  await expectRefused(api, token);
  expect((await ask(api, other)).status).toBe(200);
});

test('forgeries are refused', async () => {
  const [key, theirs] = [newKey('RS256'), newKey('RS256')];
  provider.keys = [key, newKey('ES256')];
  const api = await startWith();
  const pem = key.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const der = key.publicKey.export({ type: 'spki', format: 'der' });
  const jwk = key.publicKey.export({ format: 'jwk' });
  const forgeries = [
    // The public key, which everybody has, taken for a shared secret.
    ...[pem, pem.trim(), der, JSON.stringify(jwk), Buffer.from(jwk.n as string, 'base64url')].map((secret) =>
      forge({ alg: 'HS256', kid: key.kid }, claims(), bySecret(secret)),
    ),
    // Under the name of a good key, by another one, which it brings along or says where to fetch.
    forge({ alg: 'RS256', kid: key.kid }, claims(), theirs.sign),
    forge(
      { alg: 'RS256', kid: key.kid, jwk: theirs.publicKey.export({ format: 'jwk' }) },
      claims(),
      theirs.sign,
    ),
    forge({ alg: 'RS256', kid: key.kid, jku: 'http://127.0.0.1:1/keys' }, claims(), theirs.sign),
    tokenBy(theirs),
    // By one of two keys of the same kind, without saying which.
    forge({ alg: 'RS256' }, claims(), theirs.sign),
    `${encode({ alg: 'none', kid: key.kid })}.${encode(claims())}.`,
    forge({ alg: 'PS256', kid: key.kid }, claims(), key.sign),
    forge({ alg: 'ES256', kid: key.kid }, claims(), key.sign),
    tokenBy(key, { iss: 'https://id.example.org' }),
    tokenBy(key, { iss: undefined }),
    tokenBy(key, { aud: 'caretally' }),
    tokenBy(key, { aud: undefined }),
    tokenBy(key, { exp: undefined }),
    tokenBy(key, { exp: nowSeconds() - 60 }),
    tokenBy(key, { nbf: nowSeconds() + 60 }),
    tokenBy(key, { sub: undefined }),
    tokenBy(key, { role: undefined }),
    tokenBy(key, { role: 'CAREGIVER' }),
    // The tokens that services without a provider make for themselves.
    await testToken(),
  ];
  for (const token of forgeries) await expectRefused(api, token);
  expect((await ask(api, tokenBy(key))).status).toBe(200);
});

test('a new key is found when its first token comes, and old ones are not fetched for every token', async () => {
  const [first, second] = [newKey(), newKey()];
  provider.keys = [first];
  const api = await startWith();
  expect((await ask(api, tokenBy(first))).status).toBe(200);
  provider.keys = [second, first];
  expect((await ask(api, tokenBy(second))).status).toBe(200);
  const { asked } = provider;
  for (let round = 0; round < 20; round += 1) {
    for (const key of [first, second])
      expect((await ask(api, tokenBy(key, { sub: `${round}` }))).status).toBe(200);
  }
  expect(provider.asked).toBe(asked);
});

test('keys that nobody has do not make the service ask again and again', async () => {
  const key = newKey();
  provider.keys = [key];
  const api = await startWith({ ...times, cooldownMs: 600_000, cacheMs: 600_000 });
  expect((await ask(api, tokenBy(key))).status).toBe(200);
  const { asked } = provider;
  for (let round = 0; round < 20; round += 1) await expectRefused(api, tokenBy(newKey()));
  expect(provider.asked).toBe(asked);
});

test('a key that is taken away holds no longer, also for tokens that have been seen', async () => {
  const [old, kept] = [newKey(), newKey()];
  provider.keys = [old, kept];
  const api = await startWith(times);
  const [token, other] = [tokenBy(old), tokenBy(kept)];
  for (const good of [token, other]) expect((await ask(api, good)).status).toBe(200);
  provider.keys = [kept];
  await eventually(() => expectRefused(api, token));
  expect((await ask(api, other)).status).toBe(200);
});

test('a clock that is set back keeps no key that is gone, and misses no new one', async () => {
  const [old, next] = [newKey(), newKey()];
  provider.keys = [old];
  const api = await startWith({ ...times, cooldownMs: 30_000, cacheMs: 600_000 });
  const token = tokenBy(old);
  expect((await ask(api, token)).status).toBe(200);
  try {
    setClockBy(-dayMs);
    provider.keys = [next];
    await expectRefused(api, tokenBy(next));
    letPass(30_000);
    expect((await ask(api, tokenBy(next))).status).toBe(200);
    expect((await ask(api, token)).status).toBe(200);
    letPass(600_000);
    await expectRefused(api, token);
  } finally {
    restoreClocks();
  }
});

describe('while the provider cannot be asked', () => {
  async function expectUnavailable(api: TestService, token: string): Promise<void> {
    const { status, headers, data, errors } = await ask(api, token);
    expect([status, headers['retry-after'], data]).toEqual([503, '5', undefined]);
    expect(errors?.[0]?.extensions).toEqual({ code: 'UNAVAILABLE' });
    expect(JSON.stringify(errors)).not.toMatch(/127\.0|ECONN|fetch failed|jwks|timeout|html|500/i);
    const download = await api.server.inject({
      method: 'GET',
      url: '/report.csv',
      headers: { authorization: `Bearer ${token}` },
    });
    expect(download.statusCode).toBe(503);
    expect(download.json()).toMatchObject({ error: { code: 'UNAVAILABLE' } });
  }

  test.each(['nothing', 'a failure', 'junk', 'another place'] as const)(
    'because it answers %s, nobody new is let in, and told to come back',
    async (answer) => {
      const key = newKey();
      provider.keys = [key];
      const api = await startWith();
      provider.answer = answer;
      await expectUnavailable(api, tokenBy(key));
      expect((await (await api.as()).ask('{ ping }')).data).toEqual({ ping: 'pong' });
      provider.answer = 'keys';
      expect((await ask(api, tokenBy(key))).status).toBe(200);
    },
  );

  test('because it is down, those who are known go on, and the others come back when it is up', async () => {
    const [known, fresh] = [newKey(), newKey()];
    provider.keys = [known];
    const api = await startWith();
    const token = tokenBy(known);
    expect((await ask(api, token)).status).toBe(200);
    await provider.stop();
    expect((await ask(api, token)).status).toBe(200);
    expect((await ask(api, tokenBy(known, { sub: 'another' }))).status).toBe(200);
    await expectUnavailable(api, tokenBy(fresh));
    provider.keys = [known, fresh];
    await provider.start();
    expect((await ask(api, tokenBy(fresh))).status).toBe(200);
  });
});
