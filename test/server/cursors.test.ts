import { getNamedType, isObjectType } from 'graphql';
import { createSchema } from '../../src/platform/server/schema';
import { subsystems } from '../../src/subsystems';
import { createWorld, type World } from '../access/world';
import { refusal } from '../support/fixtures';
import { between, oneOf, testSeed, withRandom } from '../support/random';

let world: World;
beforeAll(async () => {
  world = await createWorld();
  for (const id of ['lost', 'stolen']) {
    await world.api.data('mutation ($id: ID!) { revokeToken(id: $id) { id } }', { id });
  }
});
afterAll(() => world.api.close());

const edges = 'edges { cursor }';

type Kind = keyof typeof ofOtherKinds;

/** Every list, with a query for a page of it and what its cursors are made of. */
const lists: Record<string, [query: string, kinds: Kind[]]> = {
  'Query.caregivers': [`caregivers(first: 1, after: $after) { ${edges} }`, ['text', 'id']],
  'Query.units': [`units(first: 1, after: $after) { ${edges} }`, ['text', 'id']],
  'Query.eventTypes': [`eventTypes(first: 1, after: $after) { ${edges} }`, ['text']],
  'Query.events': [`events(first: 1, after: $after) { ${edges} }`, ['id', 'instant', 'uuid']],
  'Query.payouts': [`payouts(first: 1, after: $after) { ${edges} }`, ['id']],
  'Query.auditLog': [`auditLog(first: 1, after: $after) { ${edges} }`, ['id']],
  'Query.revokedTokens': [`revokedTokens(first: 1, after: $after) { ${edges} }`, ['instant', 'text']],
  'Payout.events': [
    `payout(id: 1) { events(first: 1, after: $after) { ${edges} } }`,
    ['id', 'instant', 'uuid'],
  ],
  'Report.rows': [`report { rows(first: 1, after: $after) { ${edges} } }`, ['month', 'id', 'currency']],
  'Report.rows of cut months': [
    `report(filter: { from: "2026-01-05T00:00:00Z", to: "2026-01-25T00:00:00Z" }) {
      rows(first: 1, after: $after) { ${edges} }
    }`,
    ['month', 'id', 'currency'],
  ],
};

function ask(list: string, after: unknown) {
  return world.api.ask(`query ($after: String) { ${lists[list]?.[0]} }`, { after });
}

/** A cursor that the list has answered, and what it is made of. */
async function cursorOf(list: string): Promise<{ cursor: string; parts: unknown[] }> {
  const { data } = await ask(list, null);
  const cursor = /"cursor":"([^"]+)"/.exec(JSON.stringify(data))?.[1] as string;
  return { cursor, parts: JSON.parse(Buffer.from(cursor, 'base64url').toString()) };
}

const encode = (text: string, encoding: BufferEncoding = 'base64url') => Buffer.from(text).toString(encoding);

/** What no part of any cursor is. */
const neverAPart: readonly unknown[] = [
  null,
  true,
  '',
  [],
  {},
  [1],
  0.5,
  -1e15,
  1e300,
  2 ** 53,
  -(2 ** 63),
  'a\u0000b',
  '\ud800',
  'x'.repeat(100_000),
];

/** What stands in cursors, or nearly, but never where a part of this kind does. */
const ofOtherKinds = {
  id: [0, -1, '17', '1e3', '０'],
  instant: ['17', Date.UTC(1899, 11, 31), Date.UTC(2201, 0, 1), '2026-01-10T12:00:00Z'],
  month: [0, 17, -202601, 202600, 202613, 189911, 220102, 20260101, '202601', '2026-01'],
  text: [17, 'x'.repeat(601), 'a\nb'],
  uuid: [
    17,
    '17',
    '0190163d-8694-739b-aea5-966c26f8ad9',
    '0190163D-8694-739B-AEA5-966C26F8AD91',
    '{0190163d-8694-739b-aea5-966c26f8ad91}',
    '0190163d8694739baea5966c26f8ad91',
  ],
  currency: [17, 'sek', 'SE', 'SEKK', 'S€K'],
} as const;

function replaced(parts: readonly unknown[], place: number, by: unknown): unknown[] {
  return parts.map((part, index) => (index === place ? by : part));
}

test('every list of the schema is looked at here', () => {
  const schema = createSchema(subsystems);
  const withPages = Object.values(schema.getTypeMap()).flatMap((type) =>
    isObjectType(type) && type !== schema.getSubscriptionType()
      ? Object.values(type.getFields())
          .filter(({ args }) => args.some(({ name }) => name === 'after'))
          .map(({ name }) => `${type.name}.${name}`)
      : [],
  );
  expect(withPages.filter((name) => !(name in lists))).toEqual([]);
  expect(getNamedType(schema.getSubscriptionType()?.getFields().eventsChanged?.type)?.toString()).toBe(
    'EventConnection',
  );
});

describe.each(Object.keys(lists))('a cursor of %s', (list) => {
  async function expectRefused(after: string): Promise<void> {
    const { status, errors } = await ask(list, after);
    expect([after.slice(0, 200), status, errors?.[0]]).toMatchObject([
      after.slice(0, 200),
      200,
      refusal('BAD_USER_INPUT', 'after'),
    ]);
    expect(errors).toHaveLength(1);
    expect(errors?.[0]?.message).toBe('after must be a cursor that this list has answered.');
  }

  test('is taken as it was answered', async () => {
    const { cursor, parts } = await cursorOf(list);
    expect(encode(JSON.stringify(parts))).toBe(cursor);
    expect((await ask(list, cursor)).errors).toBeUndefined();
  });

  test('is refused with another part, or more or fewer of them', async () => {
    const { parts } = await cursorOf(list);
    for (const place of parts.keys()) {
      const kind = lists[list]?.[1][place] as Kind;
      for (const value of [...neverAPart, ...ofOtherKinds[kind]])
        await expectRefused(encode(JSON.stringify(replaced(parts, place, value))));
    }
    for (const other of [
      [],
      [...parts, 1],
      [...parts, null],
      parts.slice(1),
      [parts],
      { ...parts, length: 3 },
      1,
      null,
    ]) {
      await expectRefused(encode(JSON.stringify(other)));
    }
  });

  test('is refused in another writing', async () => {
    const { cursor, parts } = await cursorOf(list);
    const json = JSON.stringify(parts);
    const numberAt = json.search(/(?<=[[,])\d/);
    const others = [
      encode(` ${json}`),
      encode(json.replace('[', '[ ')),
      encode(`\ufeff${json}`),
      encode(json.replaceAll('"', '\\u0022')),
      encode(json, 'base64'),
      `${cursor}=`,
      `${cursor}.`,
      `${cursor} `,
      `${cursor.slice(0, 4)}\n${cursor.slice(4)}`,
      `${cursor.slice(0, 4)}%${cursor.slice(4)}`,
      encode(json, 'hex'),
      json,
      '',
    ].filter((other) => other !== cursor);
    if (numberAt !== -1) {
      const numbers = json.replace(/(?<=[[,])\d+/, (digits) => `${digits}e0`);
      others.push(
        encode(numbers),
        encode(json.replace(/(?<=[[,])(\d+)/, '$1.0')),
        encode(json.replace(/(?<=[[,])(\d+)/, '-0')),
      );
    }
    for (const other of others) await expectRefused(other);
  });

  test('that was forged at random is a cursor or BAD_USER_INPUT, and never a failure', async () => {
    process.stdout.write(`forged cursors of ${list}, TEST_SEED=${testSeed}\n`);
    await withRandom(async (random) => {
      const { cursor, parts } = await cursorOf(list);
      const numbers = [
        0,
        1,
        2 ** 31 - 1,
        2 ** 31,
        2 ** 32,
        2 ** 53 - 1,
        190001,
        202601,
        220101,
        4102444800000,
      ];
      const value = () =>
        oneOf(random, [
          () => oneOf(random, [...neverAPart, ...Object.values(ofOtherKinds).flat()]),
          () => oneOf(random, numbers) * oneOf(random, [1, 1, -1]),
          () => between(random, -1e15, 1e15),
          () =>
            String.fromCodePoint(
              ...Array.from({ length: between(random, 1, 5) }, () => between(random, 1, 0xd7ff)),
            ),
          () => oneOf(random, parts),
        ])();
      for (let count = 0; count < 150; count += 1) {
        const mangled = Buffer.from(cursor);
        mangled[between(random, 0, mangled.length - 1)] = between(random, 1, 127);
        const after = oneOf(random, [
          () => encode(JSON.stringify(replaced(parts, between(random, 0, parts.length - 1), value()))),
          () => encode(JSON.stringify(Array.from({ length: between(random, 0, 4) }, value))),
          () => mangled.toString('latin1'),
        ])();
        const { status, errors = [] } = await ask(list, after);
        expect([after, status]).toEqual([after, 200]);
        for (const error of errors)
          expect([after, error]).toMatchObject([after, refusal('BAD_USER_INPUT', 'after')]);
      }
    });
  });
});

test('ids and texts in arguments are refused with their field, where no engine has such a one', async () => {
  const { caregivers, eventTypes } = world;
  const event = {
    caregiverId: caregivers.anna,
    eventTypeId: eventTypes.anna,
    occurredAt: '2026-03-10T12:00:00Z',
  };
  const badIds = [
    '1e3',
    '０',
    '１７',
    '-1',
    '0',
    '01',
    '+1',
    ' 1',
    '1 ',
    '0x1',
    '1.0',
    '9223372036854775808',
    '1'.repeat(400),
    'a\u0000',
    '',
  ];
  for (const id of badIds) {
    for (const [query, variables, field] of [
      ['query ($id: ID!) { caregiver(id: $id) { id } }', { id }, 'id'],
      ['query ($id: ID!) { unit(id: $id) { id } }', { id }, 'id'],
      ['query ($id: ID!) { eventType(id: $id) { id } }', { id }, 'id'],
      ['query ($id: ID!) { payout(id: $id) { id } }', { id }, 'id'],
      ['query ($id: ID!) { event(id: $id) { id } }', { id }, 'id'],
      [
        'query ($id: ID!) { events(filter: { caregiverIds: [$id] }) { nodes { id } } }',
        { id },
        'caregiverIds[0]',
      ],
      [
        'query ($id: ID!) { events(filter: { eventTypeIds: [$id] }) { nodes { id } } }',
        { id },
        'eventTypeIds[0]',
      ],
      ['query ($id: ID!) { report(filter: { unitIds: [$id] }) { timeZone } }', { id }, 'unitIds[0]'],
      ['query ($id: ID!) { caregivers(filter: { ids: [$id] }) { nodes { id } } }', { id }, 'ids[0]'],
      ['query ($id: ID!) { eventTypes(filter: { ids: [$id] }) { nodes { id } } }', { id }, 'ids[0]'],
      ['mutation ($id: ID!) { updateCaregiver(id: $id, input: {}) { id } }', { id }, 'id'],
      ['mutation ($id: ID!) { createCaregiver(input: { name: "x", unitId: $id }) { id } }', { id }, 'unitId'],
      ['mutation ($id: ID!) { deleteEventType(id: $id) { id } }', { id }, 'id'],
      ['mutation ($id: ID!) { deleteEvent(id: $id) { id } }', { id }, 'id'],
      ['mutation ($id: ID!) { reimburseEvents(input: { eventIds: [$id] }) { id } }', { id }, 'eventIds[0]'],
      [
        'mutation ($id: ID!) { createToken(input: { role: CAREGIVER, caregiverId: $id }) { id } }',
        { id },
        'caregiverId',
      ],
      [
        'mutation ($input: RegisterEventInput!) { registerEvent(input: $input) { replayed } }',
        { input: { ...event, caregiverId: id } },
        'caregiverId',
      ],
      [
        'mutation ($input: RegisterEventInput!) { registerEvent(input: $input) { replayed } }',
        { input: { ...event, id } },
        'id',
      ],
    ] as const) {
      const { status, errors } = await world.api.ask(query, variables);
      expect([query, id, status, errors?.[0]]).toMatchObject([
        query,
        id,
        200,
        refusal('BAD_USER_INPUT', field),
      ]);
    }
  }
  for (const text of ['a\u0000b', 'a\ud800', 'a\nb', 'x'.repeat(201)]) {
    for (const [query, field] of [
      ['query ($text: String) { auditLog(filter: { actor: $text }) { nodes { at } } }', 'actor'],
      [
        'query ($text: ID) { auditLog(filter: { targetKind: token, targetId: $text }) { nodes { at } } }',
        'targetId',
      ],
      [
        'query ($text: String!) { caregivers(filter: { externalIds: [$text] }) { nodes { id } } }',
        'externalIds[0]',
      ],
      [
        'query ($text: String) { caregivers(filter: { nameContains: $text }) { nodes { id } } }',
        'nameContains',
      ],
      ['mutation ($text: ID!) { revokeToken(id: $text) { id } }', 'id'],
      ['mutation ($text: String) { createToken(input: { role: ADMIN, name: $text }) { id } }', 'name'],
    ] as const) {
      const { status, errors } = await world.api.ask(query, { text });
      expect([query, text, status, errors?.[0]]).toMatchObject([
        query,
        text,
        200,
        refusal('BAD_USER_INPUT', field),
      ]);
    }
  }
});

test('ids as large as they can be belong to nobody', async () => {
  const id = String(Number.MAX_SAFE_INTEGER);
  for (const name of ['caregiver', 'unit', 'eventType', 'payout']) {
    expect(await world.api.data(`query ($id: ID!) { ${name}(id: $id) { id } }`, { id })).toEqual({
      [name]: null,
    });
  }
  const create = 'mutation ($id: ID!) { createCaregiver(input: { name: "x", unitId: $id }) { id } }';
  expect(await world.api.failure(create, { id })).toMatchObject(refusal('UNKNOWN_UNIT', 'unitId'));
});
