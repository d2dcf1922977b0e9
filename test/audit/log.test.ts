import { randomUUID } from 'node:crypto';
import sql, { type Sql } from 'sql-template-tag';
import { verifyAuditLog } from '../../src/platform/audit/verifyAuditLog';
import { createSchema } from '../../src/platform/server/schema';
import { subsystems } from '../../src/subsystems';
import { type AnsweredEntry, entries, entryFields, newest } from '../support/auditLog';
import {
  createCaregiver,
  createEventType,
  createUnit,
  noon,
  noonMs,
  pageOf,
  pay,
  refusal,
  register,
  registerBatch,
  remove,
  select,
  tamper,
  unique,
  updateEventType,
  walk,
} from '../support/fixtures';
import { serviceForTests } from '../support/testService';

const api = serviceForTests();
beforeAll(() => api.setNow(noonMs));

/** The one entry that the work adds. */
async function entryOf(work: () => Promise<unknown>): Promise<AnsweredEntry> {
  const before = (await newest(api))?.sequence ?? 0;
  await work();
  const added = (await entries(api)).filter(({ sequence }) => sequence > before);
  expect(added).toHaveLength(1);
  return added[0] as AnsweredEntry;
}

const change = (name: string, id: string, input: object) => () =>
  api.data(
    `mutation ($id: ID!, $input: ${name[0]?.toUpperCase()}${name.slice(1)}Input!) { ${name}(id: $id, input: $input) { id } }`,
    { id, input },
  );

describe('an entry tells', () => {
  test('who did it, when, and in which request', async () => {
    const entry = await entryOf(() => createUnit(api));
    expect(entry).toMatchObject({
      at: noon,
      actor: 'admin',
      role: 'ADMIN',
      tokenId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      requestId: expect.stringMatching(/^[0-9a-f]{12}-[0-9a-z]+$/),
    });
    const again = await entryOf(() => createUnit(api));
    expect(again.tokenId).toBe(entry.tokenId);
    expect(again.requestId).not.toBe(entry.requestId);
    expect(again.sequence).toBe(entry.sequence + 1);
  });

  test('of a caregiver, by their id alone', async () => {
    const caregiverId = await createCaregiver(api, { name: 'Anna Andersson' });
    const eventTypeId = await createEventType(api);
    const anna = await api.as({
      role: 'CAREGIVER',
      name: 'Anna Andersson',
      caregiverId: Number(caregiverId),
    });
    const { event } = await register(anna, { caregiverId, eventTypeId, occurredAt: noon });
    const entry = await entryOf(() => remove(anna, event.id));
    expect(entry).toMatchObject({ actor: `caregiver:${caregiverId}`, role: 'CAREGIVER' });
    expect(JSON.stringify(entry)).not.toContain('Anna');
  });

  test('what each change was: before, after and why', async () => {
    const north = await createUnit(api);
    const caregiverId = await createCaregiver(api, { name: 'Bo', externalId: 'B-1', unitId: north });
    const eventTypeId = await createEventType(api, { name: 'Visit', amount: 250 });
    const unusedId = await createEventType(api, { name: 'Unused', amount: 1 });
    const newEvent = () => register(api, { caregiverId, eventTypeId, occurredAt: noon });
    const [gone, paid] = [(await newEvent()).event.id, (await newEvent()).event.id];

    const expected: [make: () => Promise<unknown>, entry: object][] = [
      [
        () => createUnit(api, { name: 'South', externalId: 'S' }),
        { action: 'createUnit', targetKind: 'unit', before: null, after: { name: 'South', externalId: 'S' } },
      ],
      [
        () => createCaregiver(api, { name: 'Cleo', externalId: null, unitId: north }),
        {
          action: 'createCaregiver',
          targetKind: 'caregiver',
          before: null,
          after: { name: 'Cleo', externalId: null, unitId: Number(north) },
        },
      ],
      [
        change('updateCaregiver', caregiverId, { name: 'Bosse', externalId: 'B-1', unitId: null }),
        {
          action: 'updateCaregiver',
          targetKind: 'caregiver',
          targetId: caregiverId,
          before: { name: 'Bo', unitId: Number(north) },
          after: { name: 'Bosse', unitId: null },
        },
      ],
      [
        () => createEventType(api, { name: 'Call', amount: 75, currency: 'EUR' }),
        {
          action: 'createEventType',
          targetKind: 'eventType',
          before: null,
          after: { name: 'Call', externalId: null, amount: 75, currency: 'EUR', archived: false },
        },
      ],
      [
        () => updateEventType(api, eventTypeId, { amount: 300, archived: true }),
        {
          action: 'updateEventType',
          targetId: eventTypeId,
          before: { amount: 250, archived: false },
          after: { amount: 300, archived: true },
        },
      ],
      [
        () => api.data('mutation ($id: ID!) { deleteEventType(id: $id) { id } }', { id: unusedId }),
        {
          action: 'deleteEventType',
          targetId: unusedId,
          before: { name: 'Unused', externalId: null, amount: 1, currency: 'SEK', archived: false },
          after: null,
        },
      ],
      [
        () => remove(api, gone, 'registered twice'),
        {
          action: 'deleteEvent',
          targetKind: 'event',
          targetId: gone,
          before: {
            caregiverId: Number(caregiverId),
            eventTypeId: Number(eventTypeId),
            occurredAt: noon,
            amount: 250,
            currency: 'SEK',
          },
          after: null,
          reason: 'registered twice',
        },
      ],
      [
        () => pay(api, { eventIds: [paid] }),
        {
          action: 'reimburseEvents',
          targetKind: 'payout',
          before: null,
          after: { caregivers: 1, totals: [{ currency: 'SEK', amount: 250, events: 1 }] },
        },
      ],
      [
        () => api.data('mutation { createToken(input: { role: ANALYST, name: "Ada" }) { id } }'),
        {
          action: 'createToken',
          targetKind: 'token',
          before: null,
          after: { role: 'ANALYST', name: 'Ada', expiresAt: expect.any(String) },
        },
      ],
      [
        () => api.data('mutation { revokeToken(id: "lost") { id } }'),
        { action: 'revokeToken', targetKind: 'token', targetId: 'lost', before: null, after: null },
      ],
    ];
    for (const [make, entry] of expected) {
      expect(await entryOf(make)).toMatchObject({ reason: null, erased: false, ...entry });
    }
    // A mutation that is added later stands above, or is registering.
    const mutations = Object.keys(createSchema(subsystems).getMutationType()?.getFields() ?? {});
    const audited = expected.map(([, entry]) => (entry as AnsweredEntry).action);
    expect(mutations.filter((name) => !/^registerEvents?$/.test(name)).sort()).toEqual(audited.sort());
  });

  test('of an export of the report which part it is, before anything leaves', async () => {
    const caregiverId = await createCaregiver(api);
    const entry = await entryOf(async () => {
      const { authorization } = api;
      const response = await api.server.inject({
        url: `/report.csv?caregiverIds=${caregiverId}&fromMonth=2026-01&toMonth=2026-02`,
        headers: { authorization },
      });
      expect(response.statusCode).toBe(200);
    });
    expect(entry).toMatchObject({
      action: 'exportReport',
      actor: 'admin',
      requestId: expect.any(String),
      after: {
        format: 'csv',
        from: '2025-12-31T23:00:00.000Z',
        to: '2026-02-28T23:00:00.000Z',
        caregiverIds: [Number(caregiverId)],
      },
    });
  });
});

describe('there is no entry', () => {
  async function expectNone(work: () => Promise<unknown>): Promise<void> {
    const before = (await newest(api)).sequence;
    await work();
    expect((await newest(api)).sequence).toBe(before);
  }

  test('of registering, nor of reading', async () => {
    const [caregiverId, eventTypeId] = [await createCaregiver(api), await createEventType(api)];
    const event = { caregiverId, eventTypeId, occurredAt: noon };
    await expectNone(async () => {
      await register(api, event);
      await registerBatch(api, [event, event]);
      await api.data('{ report { totals { currency } } auditLog { nodes { sequence } } }');
    });
  });

  test('of what was refused, changed nothing, or was rolled back', async () => {
    const [caregiverId, eventTypeId] = [await createCaregiver(api), await createEventType(api)];
    const event = { caregiverId, eventTypeId, occurredAt: noon };
    const { id } = (await register(api, event)).event;
    await remove(api, id);
    await api.data('mutation { revokeToken(id: "twice") { id } }');
    await createUnit(api, { externalId: 'taken' });
    const largest = await createEventType(api, { amount: Number.MAX_SAFE_INTEGER });
    const others = [await createCaregiver(api), await createCaregiver(api)];
    const large = others.map((other) => ({ ...event, caregiverId: other, eventTypeId: largest }));
    await registerBatch(api, large);
    await expectNone(async () => {
      await remove(api, id, 'again');
      await api.data('mutation { revokeToken(id: "twice") { id } }');
      await change('updateCaregiver', caregiverId, {})();
      await updateEventType(api, eventTypeId, {});
      const taken = 'mutation { createUnit(input: { name: "U", externalId: "taken" }) { id } }';
      expect(await api.failure(taken)).toMatchObject(refusal('ALREADY_EXISTS', 'externalId'));
      // Fails after its payout was made, and is rolled back.
      const mutation = 'mutation ($input: ReimburseEventsInput!) { reimburseEvents(input: $input) { id } }';
      const input = { caregiverIds: others, toMonth: '2026-03' };
      expect(await api.failure(mutation, { input })).toMatchObject(refusal('AMOUNT_TOO_LARGE'));
    });
  });

  test('of an export that was refused', async () => {
    const { authorization } = api;
    await expectNone(async () => {
      const response = await api.server.inject({
        url: '/report.csv?caregiverIds=x',
        headers: { authorization },
      });
      expect(response.statusCode).toBe(400);
      expect((await api.server.inject({ url: '/report.csv' })).statusCode).toBe(401);
    });
  });
});

describe('the list', () => {
  const list = `query ($filter: AuditFilter, $first: Int, $after: String) {
    auditLog(filter: $filter, first: $first, after: $after) { ${pageOf(entryFields)} }
  }`;
  const sequences = (found: { sequence: number }[]) => found.map(({ sequence }) => sequence);

  test('goes page by page from the newest to the first, without a gap', async () => {
    await Promise.all(Array.from({ length: 20 }, () => createUnit(api)));
    const all = await walk<AnsweredEntry>(
      7,
      async (first, after) => (await api.data(list, { first, after })).auditLog,
    );
    const last = all[0]?.sequence as number;
    expect(last).toBeGreaterThan(20);
    expect(sequences(all)).toEqual(Array.from({ length: last }, (_, index) => last - index));
  });

  test('is narrowed by action, actor, target and time', async () => {
    const unitId = await createUnit(api);
    const caregiverId = await createCaregiver(api, { unitId });
    api.setNow(noonMs + 60_000);
    const accountant = await api.as({ role: 'ACCOUNTANT', name: 'Pia' });
    await change('updateCaregiver', caregiverId, { name: unique('Renamed') })();
    const eventTypeId = await createEventType(api);
    const occurredAt = noon;
    const { event } = await register(api, { caregiverId, eventTypeId, occurredAt });
    await pay(accountant, { eventIds: [event.id] });
    api.setNow(noonMs);

    const found = async (filter: object) => (await entries(api, filter)).map(({ action }) => action);
    const late = '2026-03-10T12:01:00Z';
    expect(await found({ targetKind: 'caregiver', targetId: caregiverId })).toEqual([
      'updateCaregiver',
      'createCaregiver',
    ]);
    expect(await found({ actor: 'accountant' })).toEqual(['reimburseEvents']);
    expect(await found({ actor: ' accountant\u00a0' })).toEqual(['reimburseEvents']);
    expect(await found({ targetKind: 'caregiver', targetId: ` ${caregiverId} `, from: late })).toEqual([
      'updateCaregiver',
    ]);
    expect(await found({ from: late })).toEqual(['reimburseEvents', 'createEventType', 'updateCaregiver']);
    expect(await found({ action: 'updateCaregiver', from: late })).toEqual(['updateCaregiver']);
    expect(await found({ from: late, to: late })).toEqual([]);
    expect(await found({ to: late, action: 'updateCaregiver', targetKind: 'caregiver' })).not.toContain(
      'createCaregiver',
    );
    expect((await entries(api, { to: late })).every(({ at }) => at === noon)).toBe(true);
  });

  test('refuses a target without its kind, and times that are none', async () => {
    const ask = (filter: object) => api.failure(list, { filter });
    expect(await ask({ targetId: '1' })).toMatchObject(refusal('BAD_USER_INPUT', 'targetId'));
    expect(await ask({ from: 'yesterday' })).toMatchObject(refusal('BAD_USER_INPUT', 'from'));
    expect(await ask({ from: '2026-03-02T00:00:00Z', to: '2026-03-01T00:00:00Z' })).toMatchObject(
      refusal('BAD_USER_INPUT', 'to'),
    );
  });
});

describe('the table', () => {
  test.each<[string, Sql]>([
    ['update', sql`update audit_log set actor = 'nobody' where sequence = 1`],
    ['delete', sql`delete from audit_log where sequence = 1`],
    ['delete the last', sql`delete from audit_log where sequence = (select max(sequence) from audit_log)`],
    testEngine === 'postgres'
      ? ['truncate', sql`truncate audit_log`]
      : ['replace', sql`replace into audit_log select * from audit_log where sequence = 1`],
  ])('refuses to %s', async (_what, statement) => {
    const before = await select(api, sql`select * from audit_log order by sequence`);
    await expect(tamper(api, statement)).rejects.toThrow('the audit log is only added to');
    expect(await select(api, sql`select * from audit_log order by sequence`)).toEqual(before);
  });

  test('is whole after all of this', async () => {
    const check = await verifyAuditLog(api.service.database);
    expect(check).toMatchObject({ problemCount: 0, erased: 0 });
    expect(check.entries).toBe((await newest(api)).sequence);
    expect(check.head).toEqual({ sequence: check.entries, hash: (await newest(api)).hash });
  });

  test('holds what many do at once in one chain', async () => {
    const before = (await newest(api)).sequence;
    await Promise.all(Array.from({ length: 60 }, () => createUnit(api)));
    const event = { caregiverId: await createCaregiver(api), eventTypeId: await createEventType(api) };
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        const { id } = (await register(api, { ...event, id: randomUUID(), occurredAt: noon })).event;
        return remove(api, id);
      }),
    );
    expect((await newest(api)).sequence).toBe(before + 82);
    expect(await verifyAuditLog(api.service.database)).toMatchObject({
      entries: before + 82,
      problemCount: 0,
    });
  });
});
