import { createCaregiver, createUnit, pageOf, refusal, unique, walk } from '../support/fixtures';
import { serviceForTests } from '../support/testService';

const api = serviceForTests();
const createRefused = (input: object) =>
  api.failure('mutation ($input: CreateUnitInput!) { createUnit(input: $input) { id } }', { input });
const find = async (id: string) =>
  (await api.data('query ($id: ID!) { unit(id: $id) { id externalId name } }', { id })).unit;

describe('a unit', () => {
  test('has an id, a name and, if it likes, an external id', async () => {
    const [name, externalId] = [unique('Vårdcentralen'), unique('hsa')];
    const id = await createUnit(api, { name: ` ${name} `, externalId });
    expect(await find(id)).toEqual({ id, name, externalId });
    expect((await find(await createUnit(api))).externalId).toBeNull();
    expect(await find('999999999')).toBeNull();
    expect(await api.failure('{ unit(id: "x") { id } }')).toMatchObject(refusal('BAD_USER_INPUT', 'id'));
  });

  test('may share its name with another, but not its external id', async () => {
    const [name, externalId] = [unique('Vårdcentralen'), unique('hsa')];
    const id = await createUnit(api, { name, externalId });
    expect(await createUnit(api, { name })).not.toBe(id);
    expect(await createRefused({ name: unique('Unit'), externalId })).toMatchObject(
      refusal('ALREADY_EXISTS', 'externalId'),
    );
  });

  test('has a name of 1 to 200 characters', async () => {
    for (const name of ['', ' ', 'a\nb', 'x'.repeat(201)]) {
      expect(await createRefused({ name })).toMatchObject(refusal('BAD_USER_INPUT', 'name'));
    }
    await createUnit(api, { name: 'x'.repeat(200) });
  });

  test('is what its caregivers show', async () => {
    const name = unique('Vårdcentralen');
    const unitId = await createUnit(api, { name });
    const id = await createCaregiver(api, { unitId });
    const { caregiver } = await api.data('query ($id: ID!) { caregiver(id: $id) { unit { id name } } }', {
      id,
    });
    expect(caregiver.unit).toEqual({ id: unitId, name });
  });

  test('is listed page by page in the order of the names', async () => {
    for (const name of ['Rehab', 'Akuten', 'Zon 3', 'Akuten', 'Hamnen', 'Akuten'])
      await createUnit(api, { name });
    const listUnits = `query ($first: Int, $after: String) {
      units(first: $first, after: $after) { ${pageOf('id name')} }
    }`;
    const whole = (await api.data(listUnits, { first: 1_000 })).units.nodes;
    const names = whole.map((unit: { name: string }) => unit.name);
    expect(names).toEqual([...names].sort());
    expect(names.filter((name: string) => name === 'Akuten')).toHaveLength(3);
    for (const first of [1, 2, 3, names.length]) {
      expect(
        await walk(first, async (first, after) => (await api.data(listUnits, { first, after })).units),
      ).toEqual(whole);
    }
    expect(await api.failure(listUnits, { first: 1_001 })).toMatchObject(refusal('BAD_USER_INPUT', 'first'));
  });
});
