import {
  createCaregiver,
  createEventType,
  createUnit,
  noon,
  noonMs,
  pageOf,
  readTally,
  refusal,
  register,
  unique,
  walk,
} from '../support/fixtures';
import { serviceForTests } from '../support/testService';

const api = serviceForTests();
const fields = 'id externalId name unit { id }';

const create = async (input: object) =>
  (
    await api.data(
      `mutation ($input: CreateCaregiverInput!) { createCaregiver(input: $input) { ${fields} } }`,
      { input },
    )
  ).createCaregiver;
const createRefused = (input: object) =>
  api.failure(`mutation ($input: CreateCaregiverInput!) { createCaregiver(input: $input) { id } }`, {
    input,
  });
const updateCaregiver = `mutation ($id: ID!, $input: UpdateCaregiverInput!) {
  updateCaregiver(id: $id, input: $input) { ${fields} }
}`;
const update = async (id: string, input: object) =>
  (await api.data(updateCaregiver, { id, input })).updateCaregiver;
const find = async (id: string) =>
  (await api.data(`query ($id: ID!) { caregiver(id: $id) { ${fields} } }`, { id })).caregiver;

const listCaregivers = `query ($filter: CaregiverFilter, $first: Int = 1000, $after: String) {
  caregivers(filter: $filter, first: $first, after: $after) { ${pageOf('id name')} }
}`;
const namesOf = async (filter: object): Promise<string[]> => {
  const { caregivers } = await api.data(listCaregivers, { filter });
  return caregivers.nodes.map((caregiver: { name: string }) => caregiver.name);
};

describe('creating a caregiver', () => {
  test('answers them with the id that the service gave them', async () => {
    const unitId = await createUnit(api);
    const externalId = unique('hsa');
    const caregiver = await create({ name: ' Åsa Öberg ', externalId, unitId });
    expect(caregiver).toEqual({ id: caregiver.id, name: 'Åsa Öberg', externalId, unit: { id: unitId } });
    expect(caregiver.id).toMatch(/^[1-9]\d*$/);
    expect(await find(caregiver.id)).toEqual(caregiver);
  });

  test('needs nothing but a name, and several may share one', async () => {
    const [first, second] = [await create({ name: 'Anna Berg' }), await create({ name: 'Anna Berg' })];
    expect(first).toEqual({ id: first.id, name: 'Anna Berg', externalId: null, unit: null });
    expect(second.id).not.toBe(first.id);
  });

  test('takes an external id once', async () => {
    const externalId = unique('hsa');
    const { id } = await create({ name: 'Anna', externalId });
    const error = await createRefused({ name: 'Bo', externalId: ` ${externalId} ` });
    expect(error).toMatchObject(refusal('ALREADY_EXISTS', 'externalId'));
    expect(error.message).toContain(`id ${id}`);
  });

  test('takes an external id once, also when many ask at the same time', async () => {
    const externalId = unique('hsa');
    const answers = await Promise.allSettled(
      Array.from({ length: 10 }, () => create({ name: 'Anna', externalId })),
    );
    expect(answers.filter((answer) => answer.status === 'fulfilled')).toHaveLength(1);
    expect(await namesOf({ externalIds: [externalId] })).toEqual(['Anna']);
  });

  test('refuses a unit that does not exist', async () => {
    expect(await createRefused({ name: 'Bo', unitId: '999999999' })).toMatchObject(
      refusal('UNKNOWN_UNIT', 'unitId'),
    );
    expect(await createRefused({ name: 'Bo', unitId: 'x' })).toMatchObject(
      refusal('BAD_USER_INPUT', 'unitId'),
    );
  });

  test('refuses names and external ids that are empty, of several lines or longer than 200 characters', async () => {
    for (const text of ['', '  ', 'a\nb', 'x'.repeat(201)]) {
      expect(await createRefused({ name: text })).toMatchObject(refusal('BAD_USER_INPUT', 'name'));
      expect(await createRefused({ name: 'Bo', externalId: text })).toMatchObject(
        refusal('BAD_USER_INPUT', 'externalId'),
      );
    }
    expect((await create({ name: 'x'.repeat(200) })).name).toHaveLength(200);
  });

  test('counts characters, whatever plane of Unicode they are from', async () => {
    const name = '𠮷'.repeat(200);
    expect((await create({ name, externalId: name })).name).toBe(name);
    const error = await createRefused({ name: `${name}𠮷` });
    expect(error).toMatchObject(refusal('BAD_USER_INPUT', 'name'));
    expect(error.message).toBe('name must be at most 200 characters long (Unicode code points).');
    expect(await namesOf({ nameContains: name })).toEqual([name]);
    expect(await api.failure(listCaregivers, { filter: { nameContains: `${name}𠮷` } })).toMatchObject(
      refusal('BAD_USER_INPUT', 'nameContains'),
    );
  });

  test.each([
    ['\u2800', 'something that can be seen'],
    ['\u3164', 'something that can be seen'],
    ['A\u202enna', 'U+202E'],
    ['A\u2028nna', 'U+2028'],
    ['A\u200bnna', 'U+200B'],
    ['A\ue000nna', 'U+E000'],
    ['A\uffffnna', 'U+FFFF'],
    ['A\ud800nna', 'U+D800'],
    ['Anna\u200d', 'U+200D'],
  ])('refuses a name or an external id like %j, and says what is wrong with which', async (text, what) => {
    for (const [field, input] of [
      ['name', { name: text }],
      ['externalId', { name: 'Anna', externalId: text }],
    ] as const) {
      const error = await createRefused(input);
      expect(error).toMatchObject(refusal('BAD_USER_INPUT', field));
      expect(error.message).toMatch(new RegExp(`^${field} must .*${what.replace('+', '\\+')}`));
    }
  });

  test('keeps joiners inside words and emoji, and takes an external id once however it is hidden', async () => {
    const name = unique('می\u200cخواهم 👩\u200d⚕\ufe0f');
    const externalId = unique('hsa');
    expect(await create({ name, externalId })).toMatchObject({ name, externalId });
    for (const hidden of [
      `${externalId}\ufe0f`,
      `h\u00ad${externalId.slice(1)}`,
      `\u3164${externalId}\u2800`,
    ]) {
      expect(await createRefused({ name: 'Bo', externalId: hidden })).toMatchObject(
        refusal('ALREADY_EXISTS', 'externalId'),
      );
      expect(await namesOf({ externalIds: [hidden] })).toEqual([name]);
    }
    expect(await namesOf({ externalIds: [` ${externalId}\u200b `] })).toEqual([name]);
  });
});

describe('changing a caregiver', () => {
  test('changes what is given and leaves the rest', async () => {
    const unitId = await createUnit(api);
    const externalId = unique('hsa');
    const { id } = await create({ name: 'Anna', externalId, unitId });
    const married = { id, name: 'Anna Lind', externalId, unit: { id: unitId } };
    expect(await update(id, { name: 'Anna Lind' })).toEqual(married);
    expect(await update(id, {})).toEqual(married);
    expect(await update(id, { name: null })).toEqual(married);
    expect(await update(id, { externalId: null, unitId: null })).toEqual({
      ...married,
      externalId: null,
      unit: null,
    });
    expect(await find(id)).toEqual({ ...married, externalId: null, unit: null });
    expect(await namesOf({ nameContains: 'anna lind' })).toEqual(['Anna Lind']);
  });

  test('keeps an external id that is sent again, and refuses that of another', async () => {
    const [own, other] = [unique('hsa'), unique('hsa')];
    const { id } = await create({ name: 'Anna', externalId: own });
    await create({ name: 'Bo', externalId: other });
    expect((await update(id, { externalId: own })).externalId).toBe(own);
    expect(await api.failure(updateCaregiver, { id, input: { externalId: other } })).toMatchObject(
      refusal('ALREADY_EXISTS', 'externalId'),
    );
    expect((await find(id)).externalId).toBe(own);
  });

  test('moves past events along to another unit', async () => {
    api.setNow(noonMs);
    const [from, to] = [await createUnit(api), await createUnit(api)];
    const caregiverId = await createCaregiver(api, { unitId: from });
    await register(api, { caregiverId, eventTypeId: await createEventType(api), occurredAt: noon });
    await update(caregiverId, { unitId: to });
    expect((await readTally(api, { unitIds: [from] })).owed.events).toBe(0);
    expect((await readTally(api, { unitIds: [to] })).owed.events).toBe(1);
  });

  test('refuses a caregiver or unit that does not exist', async () => {
    const refusals: [string, object, string, string][] = [
      ['999999999', { name: 'Bo' }, 'UNKNOWN_CAREGIVER', 'id'],
      ['x', { name: 'Bo' }, 'BAD_USER_INPUT', 'id'],
      [await createCaregiver(api), { unitId: '999999999' }, 'UNKNOWN_UNIT', 'unitId'],
      [await createCaregiver(api), { name: '' }, 'BAD_USER_INPUT', 'name'],
    ];
    for (const [id, input, code, field] of refusals) {
      expect(await api.failure(updateCaregiver, { id, input })).toMatchObject(refusal(code, field));
    }
  });
});

describe('finding caregivers', () => {
  test('one by id, or null', async () => {
    expect(await find('999999999')).toBeNull();
    expect(await api.failure('{ caregiver(id: "x") { id } }')).toMatchObject(refusal('BAD_USER_INPUT', 'id'));
  });

  test('by a part of the name, in small or capital letters, also those of Swedish', async () => {
    const names = ['Åke Ödman', 'ÅSA ÄNGLUND', 'Göran Håkansson', 'Per 100% Säker_'];
    const unitId = await createUnit(api);
    for (const name of names) await create({ name, unitId });
    const containing = (nameContains: string) => namesOf({ nameContains, unitIds: [unitId] });
    expect(await containing('åsa')).toEqual(['ÅSA ÄNGLUND']);
    expect(await containing('ÅS')).toEqual(['ÅSA ÄNGLUND']);
    expect(await containing('ängl')).toEqual(['ÅSA ÄNGLUND']);
    expect(await containing('ÖRAN')).toEqual(['Göran Håkansson']);
    expect(await containing('e öd')).toEqual(['Åke Ödman']);
    // The same letter, written as a letter and an accent.
    expect(await containing('A\u030ake')).toEqual(['Åke Ödman']);
    expect(await containing('asa')).not.toContain('ÅSA ÄNGLUND');
    // What would be wildcards of SQL are letters like others.
    expect(await containing('0% s')).toEqual(['Per 100% Säker_']);
    expect(await containing('r_')).toEqual(['Per 100% Säker_']);
    expect(await containing('nobody is called this')).toEqual([]);
  });

  test('by a part of the name, whatever case, script or form it is written in', async () => {
    const unitId = await createUnit(api);
    const containing = (nameContains: string) => namesOf({ nameContains, unitIds: [unitId] });
    for (const [name, ...parts] of [
      ['Anna Groß', 'GROSS', 'groß', 'groẞ', 'gross'],
      ['ΟΔΥΣΣΕΥΣ', 'οδυσσευς', 'οδυσσευσ', 'ευς'],
      ['Eva ﬃnch', 'FFINCH', 'ﬃ', 'ffi'],
      ['İnci Işık', 'inci', 'İNCİ', 'INCI', 'ışık', 'IŞIK', 'işik'.replace('s', 'ş')],
      ['ᏣᎳᎩ', 'ꮳꮃꭹ'],
      ['Lisa\u00a0Karl\u00adsson', 'lisa karlsson', 'karls\u200bson'],
    ]) {
      await create({ name, unitId });
      for (const part of parts) expect([part, await containing(part)]).toEqual([part, [name]]);
    }
  });

  test('by ids, external ids and units; all conditions must hold', async () => {
    const unitId = await createUnit(api);
    const externalId = unique('hsa');
    const anna = await createCaregiver(api, { name: 'Anna of the filters', unitId });
    const bo = await createCaregiver(api, { name: 'Bo of the filters', unitId, externalId });
    const [annaName, boName] = ['Anna of the filters', 'Bo of the filters'];
    expect(await namesOf({ ids: [bo, anna, bo] })).toEqual([annaName, boName]);
    expect(await namesOf({ unitIds: [unitId] })).toEqual([annaName, boName]);
    expect(await namesOf({ externalIds: [externalId, 'unknown'] })).toEqual([boName]);
    expect(await namesOf({ unitIds: [unitId], nameContains: 'anna' })).toEqual([annaName]);
    expect(await namesOf({ ids: [anna], externalIds: [externalId] })).toEqual([]);
    for (const filter of [{ ids: [] }, { unitIds: [] }, { externalIds: [] }]) {
      expect(await namesOf(filter)).toEqual([]);
    }
    expect(await api.failure(listCaregivers, { filter: { ids: [anna, 'x'] } })).toMatchObject(
      refusal('BAD_USER_INPUT', 'ids[1]'),
    );
  });

  test('page by page in the order of their names, small and capital letters alike', async () => {
    const unitId = await createUnit(api);
    const names = ['bo', 'Anna', 'CLEO', 'anna', 'Bo', 'Åsa', 'Östen', 'Zoe', 'anna'];
    for (const name of names) await create({ name, unitId });
    const filter = { unitIds: [unitId] };
    const whole = await namesOf(filter);
    expect(whole.map((name) => name.toLowerCase())).toEqual([
      ...['anna', 'anna', 'anna', 'bo', 'bo', 'cleo', 'zoe', 'åsa', 'östen'],
    ]);
    for (const first of [1, 2, 4, 9, 10]) {
      const walked = await walk<{ id: string; name: string }>(
        first,
        async (first, after) => (await api.data(listCaregivers, { filter, first, after })).caregivers,
      );
      expect(walked.map((caregiver) => caregiver.name)).toEqual(whole);
      expect(new Set(walked.map((caregiver) => caregiver.id)).size).toBe(names.length);
    }
    for (const page of [{ first: 0 }, { first: 1_001 }]) {
      expect(await api.failure(listCaregivers, page)).toMatchObject(refusal('BAD_USER_INPUT', 'first'));
    }
    expect(await api.failure(listCaregivers, { after: 'x' })).toMatchObject(
      refusal('BAD_USER_INPUT', 'after'),
    );
  });
});
