import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { serviceForTests, type TestService } from '../support/testService';
import { testToken } from '../support/tokens';
import { bySecret, encode, forge, goodClaims, goodHeader, nowSeconds, withClaims } from './forge';
import { get } from './probes';

const api = serviceForTests();
beforeAll(() => api.server.listen({ host: '127.0.0.1', port: 0 }));

const viewer = '{ viewer { role name tokenId caregiver { id } unit { id } expiresAt } }';

/** The door stays shut, whatever is asked for, and says nothing of what is behind it. */
async function expectRefused(asker: TestService, message?: string | RegExp): Promise<void> {
  const answers = [
    await asker.ask(viewer),
    // Who sends a token means it: it is not as if there were none.
    await asker.ask('{ ping }'),
    await get(asker, '/report.csv').then((response) => ({
      status: response.statusCode,
      headers: response.headers,
      data: undefined,
      errors: [{ ...response.json().error, extensions: { code: response.json().error.code } }],
    })),
  ];
  for (const { status, headers, data, errors } of answers) {
    expect([status, data, errors?.[0]?.extensions?.code]).toEqual([401, undefined, 'UNAUTHENTICATED']);
    expect(headers['www-authenticate']).toBe('Bearer error="invalid_token"');
    expect(JSON.stringify(errors)).not.toMatch(
      /jose|jw[ts]\b|signature|alg|hmac|crypto|secret|node_modules|\.[jt]s\b/i,
    );
    if (message) expect(errors?.[0]?.message).toMatch(message);
  }
}

test('a good token says who is asking', async () => {
  const { viewer: admin } = await api.withToken(withClaims({ exp: 1_900_000_000 })).data(viewer);
  expect(admin).toEqual({
    role: 'ADMIN',
    name: 'forged',
    tokenId: 'an id',
    caregiver: null,
    unit: null,
    expiresAt: '2030-03-17T17:46:40.000Z',
  });
});

test('a token by itself is no good: it goes into the header', async () => {
  const token = await testToken();
  const nobody = await api.as();
  for (const url of [`/report.csv?access_token=${token}`, '/report.csv']) {
    expect((await get(nobody, url)).statusCode).toBe(401);
  }
  const cookie = await api.server.inject({
    method: 'GET',
    url: '/report.csv',
    headers: { cookie: `token=${token}` },
  });
  expect(cookie.statusCode).toBe(401);
  const body = await api.server.inject({
    method: 'POST',
    url: '/graphql',
    payload: { query: '{ viewer { role } }', token, extensions: { token } },
  });
  expect(body.statusCode).toBe(401);
});

const { exp: _exp, ...withoutEnd } = goodClaims();
const { sub: _sub, ...withoutSubject } = goodClaims();
const { jti: _jti, ...withoutId } = goodClaims();

/** Tokens that are no tokens of this service, each with what is wrong. */
const hostile: [string, () => string][] = [
  ['no signature', () => `${encode(goodHeader)}.${encode(goodClaims())}.`],
  ...['none', 'None', 'nOnE', 'NONE'].flatMap((alg): [string, () => string][] => [
    [`algorithm ${alg}, unsigned`, () => `${encode({ alg })}.${encode(goodClaims())}.`],
    [`algorithm ${alg}, signed`, () => forge({ alg }, goodClaims())],
  ]),
  ['two parts', () => `${encode(goodHeader)}.${encode(goodClaims())}`],
  ['another secret', () => forge(goodHeader, goodClaims(), bySecret('another secret that is long enough'))],
  ['an empty secret', () => forge(goodHeader, goodClaims(), bySecret(''))],
  ['a signature of zeros', () => forge(goodHeader, goodClaims(), () => Buffer.alloc(32))],
  ['half a signature', () => forge(goodHeader, goodClaims(), (text) => bySecret()(text).subarray(0, 16))],
  [
    'another hash, under its name',
    () => forge({ alg: 'HS512' }, goodClaims(), bySecret(undefined, 'sha512')),
  ],
  [
    'another hash, under the right name',
    () => forge(goodHeader, goodClaims(), bySecret(undefined, 'sha512')),
  ],
  ['a public-key algorithm', () => forge({ alg: 'RS256' }, goodClaims())],
  ['no algorithm', () => forge({}, goodClaims())],
  ['a header that is a list', () => forge([], goodClaims())],
  ['a header that is no JSON', () => forge('{', goodClaims())],
  [
    'a key of its own',
    () => forge({ ...goodHeader, jwk: { kty: 'oct', k: encode('k') } }, goodClaims(), bySecret('k')),
  ],
  ['an extension nobody knows', () => forge({ ...goodHeader, crit: ['x'], x: 1 }, goodClaims())],
  ['a payload that is not encoded', () => forge({ ...goodHeader, b64: false, crit: ['b64'] }, goodClaims())],
  ['claims that are a list', () => forge(goodHeader, [])],
  ['claims that are no JSON', () => forge(goodHeader, 'ADMIN')],
  [
    'claims in broken UTF-8',
    () => {
      const body = `${encode(goodHeader)}.${Buffer.from([0x7b, 0xff, 0xfe, 0x7d]).toString('base64url')}`;
      return `${body}.${bySecret()(body).toString('base64url')}`;
    },
  ],
  ['an issuer of somebody else', () => withClaims({ iss: 'https://id.example.com' })],
  ['no issuer', () => withClaims({ iss: undefined })],
  ['an audience of somebody else', () => withClaims({ aud: 'another service' })],
  ['audiences of others', () => withClaims({ aud: ['a', 'b'] })],
  ['no audience', () => withClaims({ aud: undefined })],
  ['no end', () => forge(goodHeader, withoutEnd)],
  ['an end that is a text', () => withClaims({ exp: '2100-01-01' })],
  ['an end that is null', () => withClaims({ exp: null })],
  ['an end beyond all dates', () => withClaims({ exp: 1e300 })],
  ['a beginning that has not come', () => withClaims({ nbf: nowSeconds() + 60 })],
  ['a beginning that is a text', () => withClaims({ nbf: 'now' })],
  ['no subject', () => forge(goodHeader, withoutSubject)],
  ['no id', () => forge(goodHeader, withoutId)],
  ['no role', () => withClaims({ role: undefined })],
  ['a role in small letters', () => withClaims({ role: 'admin' })],
  ['a list of roles', () => withClaims({ role: ['ADMIN'] })],
  ['the role of those without a token', () => withClaims({ role: 'ANONYMOUS' })],
  ['a role that every object has', () => withClaims({ role: 'constructor' })],
  ['a role that is a number', () => withClaims({ role: 4 })],
  ...[undefined, null, '', '0', 0, -1, 1.5, '1 or 1=1', '1e3', '01', [1], {}, true, '9'.repeat(17)].flatMap(
    (id): [string, () => string][] => [
      [`the caregiver ${JSON.stringify(id)}`, () => withClaims({ role: 'CAREGIVER', caregiver: id })],
      [`the unit ${JSON.stringify(id)}`, () => withClaims({ role: 'MANAGER', unit: id })],
    ],
  ),
  ['a manager with a caregiver instead of a unit', () => withClaims({ role: 'MANAGER', caregiver: '1' })],
  ['no token at all', () => ''],
  ...[
    'x',
    '...',
    'a.b.c',
    'null',
    'undefined',
    '{}',
    "' or '1'='1",
    '%00',
    '../../etc/passwd',
    'e30.e30.e30',
  ].map((junk): [string, () => string] => [JSON.stringify(junk), () => junk]),
  ['nine kilobytes', () => withClaims({ name: 'x'.repeat(6_500) })],
  [
    'an encrypted token',
    () => `${encode({ alg: 'dir', enc: 'A256GCM' })}..${'A'.repeat(16)}.AAAA.${'A'.repeat(22)}`,
  ],
];

test.each(hostile)('a token with %s is refused', async (_what, make) => {
  await expectRefused(api.withToken(make()));
});

test('a token is refused once any part of it is changed', async () => {
  const parts = withClaims({ role: 'CAREGIVER', caregiver: '1' }).split('.') as [string, string, string];
  const claims = { ...goodClaims(), role: 'ADMIN' };
  await expectRefused(api.withToken([parts[0], encode(claims), parts[2]].join('.')));
  for (const [place, part] of parts.entries()) {
    for (const at of [0, Math.floor(part.length / 2), part.length - 2]) {
      const changed = part.slice(0, at) + (part[at] === 'A' ? 'B' : 'A') + part.slice(at + 1);
      await expectRefused(
        api.withToken(parts.map((old, index) => (index === place ? changed : old)).join('.')),
      );
    }
  }
});

/** Other texts of which a reader of base64 would make the same bytes. */
function otherWritings(token: string): string[] {
  const parts = token.split('.');
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return parts.flatMap((part, place) => {
    const last = letters.indexOf(part.at(-1) as string);
    const bytes = Buffer.from(part, 'base64url');
    // Of the last letter, bits say nothing where the bytes do not fill it.
    const unusedBits = [0, 2, 4][(3 - (bytes.length % 3)) % 3] as number;
    const sameBytes = Array.from({ length: 2 ** unusedBits - 1 }, (_, index) => last ^ (index + 1)).map(
      (other) => part.slice(0, -1) + letters[other],
    );
    const others = [
      `${part}=`,
      `${part}==`,
      `${part}.`,
      `=${part}`,
      `${part.slice(0, 4)}=${part.slice(4)}`,
      `${part}+`,
    ];
    if (/[-_]/.test(part)) others.push(part.replaceAll('-', '+').replaceAll('_', '/'));
    return [...sameBytes, ...others].map((other) =>
      parts.map((old, index) => (index === place ? other : old)).join('.'),
    );
  });
}

test('a token is taken in the one way to write it, before and after it was seen', async () => {
  // With two bits, four bits and none that say nothing.
  for (const name of ['a', 'ab', 'abc', 'ÿþýüûú~~~???']) {
    const token = withClaims({ name });
    for (const asker of [...otherWritings(token), ...otherWritings(token)].map(api.withToken)) {
      await expectRefused(asker);
    }
    expect((await api.withToken(token).data(viewer)).viewer.name).toBe(name);
    for (const other of otherWritings(token)) await expectRefused(api.withToken(other));
  }
});

test('what a token says of somebody is kept as what people type is: without blanks around it, and composed', async () => {
  const asker = api.withToken(withClaims({ sub: ' e\u0301va ', name: '\u00a0A\u030asa Ek ' }));
  expect((await asker.data(viewer)).viewer.name).toBe('\u00c5sa Ek');
  await asker.data('mutation { createUnit(input: { name: "By Éva" }) { id } }');
  const { auditLog } = await api.data(
    'query ($actor: String) { auditLog(filter: { actor: $actor }) { nodes { action } } }',
    { actor: '\u00e9va' },
  );
  expect(auditLog.nodes).toEqual([{ action: 'createUnit' }]);
  // A name of blanks is none.
  const nameless = api.withToken(withClaims({ sub: 'somebody', name: ' \u2003' }));
  expect((await nameless.data(viewer)).viewer.name).toBe('somebody');
});

test.each([
  ['a subject of blanks', { sub: ' \u2003' }],
  ['a role with a blank', { role: 'ADMIN ' }],
  ["a caregiver's id with a blank", { role: 'CAREGIVER', caregiver: ' 1' }],
  ["a caregiver's id in other digits", { role: 'CAREGIVER', caregiver: '\uff11' }],
  ["a unit's id beyond 2^53", { role: 'MANAGER', unit: '9007199254740993' }],
])('a token with %s is refused', async (_what, claims) => {
  await expectRefused(api.withToken(withClaims(claims)));
});

test('a token ends on time, also one that has been seen many times', async () => {
  const start = Date.parse('2026-03-10T12:00:00Z');
  const token = forge(goodHeader, { ...goodClaims(), iat: start / 1_000, exp: start / 1_000 + 60 });
  const asker = api.withToken(token);
  try {
    // Clocks may differ by five seconds.
    for (const afterMs of [0, 59_000, 64_000]) {
      api.setNow(start + afterMs);
      expect((await asker.data(viewer)).viewer.role).toBe('ADMIN');
    }
    for (const afterMs of [65_000, 66_000, 86_400_000]) {
      api.setNow(start + afterMs);
      await expectRefused(asker, /^The token has expired\. Sign in again\.$/);
    }
  } finally {
    api.setNow(undefined);
  }
});

test.each([
  'Basic YTpi',
  'Bearer',
  'Bearer ',
  'bearer\ttoken',
  'Token x',
  'Bearer a b',
  'Bearer a,b',
  'Bearer "a"',
])('the header "Authorization: %s" is refused', async (authorization) => {
  await expectRefused(
    { ...(await api.as()), ...askedWith({ authorization }) },
    /^The header Authorization must read/,
  );
});

test('two tokens at once are refused, also if both are good', async () => {
  const token = `Bearer ${await testToken()}`;
  await expectRefused({ ...(await api.as()), ...askedWith({ authorization: [token, token] as never }) });
  const { port } = api.server.server.address() as AddressInfo;
  for (const [first, second] of [
    [token, token],
    [token, 'Bearer x'],
    ['Bearer x', token],
  ]) {
    const socket = connect(port, '127.0.0.1');
    socket.end(
      `GET /report.csv HTTP/1.1\r\nhost: localhost\r\nauthorization: ${first}\r\nAuthorization: ${second}\r\nconnection: close\r\n\r\n`,
    );
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 401 /);
  }
});

test('a header too long for any server is refused without a failure', async () => {
  const { port } = api.server.server.address() as AddressInfo;
  const socket = connect(port, '127.0.0.1');
  socket.end(
    `GET /report.csv HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${'x'.repeat(100_000)}\r\nconnection: close\r\n\r\n`,
  );
  expect(await text(socket).catch(() => 'HTTP/1.1 431 ')).toMatch(/^HTTP\/1\.1 4\d\d /);
});

test('names that no line can hold are left out, and the subject stands for them', async () => {
  for (const name of ['two\nlines', '\u0000', '', 'x'.repeat(201), 7, null, ['a'], '\ud800']) {
    expect((await api.withToken(withClaims({ name })).data(viewer)).viewer.name).toBe('admin');
  }
});

test('a token that was seen before costs no question to the database, and one that was not costs none either', async () => {
  await api.data('{ ping }');
  api.statementsSinceLastCall();
  await api.data('{ ping }');
  await api.withToken(await testToken()).data('{ ping }');
  expect(api.statementsSinceLastCall()).toBe(0);
});

/** What asks with headers of its own. */
function askedWith(headers: Record<string, string>): Pick<TestService, 'ask' | 'server' | 'authorization'> {
  return {
    authorization: headers.authorization,
    server: api.server,
    async ask(query) {
      const response = await api.server.inject({
        method: 'POST',
        url: '/graphql',
        headers,
        payload: { query },
      });
      return { status: response.statusCode, headers: response.headers, ...response.json() };
    },
  };
}
