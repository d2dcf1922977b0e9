import { DataSource } from 'typeorm';
import { migrations } from '../../src/platform/storage/migrations';
import { databaseForTests } from '../support/databases';
import { refusal } from '../support/fixtures';
import { startTestService, type TestService } from '../support/testService';

/** The tables of the version before keys were kept, with rows as it wrote them. */
async function createOldDatabase(url: string): Promise<void> {
  const before = migrations.slice(
    0,
    migrations.findIndex((migration) => migration.name.startsWith('KeepTextKeys')),
  );
  const source = new DataSource({
    ...(testEngine === 'postgres'
      ? { type: 'postgres', url, installExtensions: false }
      : { type: 'better-sqlite3', database: url.replace('sqlite:', '') }),
    migrations: before,
    migrationsTableName: 'migration',
  });
  await source.initialize();
  await source.runMigrations();
  for (const [name, externalId] of oldCaregivers) {
    await source.query(
      `insert into caregiver (name, name_folded, external_id) values (${literal(name)}, ${literal(name.normalize('NFC').toLowerCase())}, ${literal(externalId)})`,
    );
  }
  for (const name of oldEventTypes) {
    await source.query(
      `insert into event_type (name, amount, currency) values (${literal(name)}, 100, 'SEK')`,
    );
  }
  await source.query(`insert into unit (name, external_id) values ('Nord', 'N\u00ad1')`);
  await source.destroy();
}

const oldCaregivers: [name: string, externalId: string | null][] = [
  ['Anna Straße', 'A-1'],
  ['ΟΔΥΣΣΕΥΣ', 'A\u00ad-1'],
  ['Ayşe İnce', null],
  ['Eva ﬁnn', 'e\u20601'],
];
const oldEventTypes = ['Röntgen', 'Rönt\u00adgen', 'Röntgen\u2800', 'Hembesök'];

function literal(text: string | null): string {
  return text === null ? 'null' : `'${text}'`;
}

describe('a database of the version before', () => {
  const database = databaseForTests();
  let api: TestService;
  const warnings: string[] = [];

  beforeAll(async () => {
    await createOldDatabase(database.url);
    const heard = jest.spyOn(process, 'emitWarning').mockImplementation((warning) => {
      warnings.push(String(warning));
    });
    api = await startTestService({ database });
    heard.mockRestore();
  });
  afterAll(() => api.close());

  const listCaregivers = `query ($filter: CaregiverFilter) { caregivers(filter: $filter) { nodes { id name } } }`;
  const namesOf = async (filter: object): Promise<string[]> =>
    (await api.data(listCaregivers, { filter })).caregivers.nodes.map(({ name }: { name: string }) => name);
  const createEventType = `mutation ($input: CreateEventTypeInput!) { createEventType(input: $input) { id } }`;
  const updateEventType = `mutation ($id: ID!, $input: UpdateEventTypeInput!) {
    updateEventType(id: $id, input: $input) { id name archived }
  }`;

  test.each([
    ['STRASSE', 'Anna Straße'],
    ['straße', 'Anna Straße'],
    ['οδυσσευς', 'ΟΔΥΣΣΕΥΣ'],
    ['ΥΣΣΕΥΣ', 'ΟΔΥΣΣΕΥΣ'],
    ['ince', 'Ayşe İnce'],
    ['INCE', 'Ayşe İnce'],
    ['FINN', 'Eva ﬁnn'],
  ])('has caregivers who are found by %s', async (nameContains, name) => {
    expect(await namesOf({ nameContains })).toEqual([name]);
  });

  test('has external ids that are found by what can be seen of them', async () => {
    expect(await namesOf({ externalIds: ['e1'] })).toEqual(['Eva ﬁnn']);
    const createUnit = 'mutation ($input: CreateUnitInput!) { createUnit(input: $input) { id } }';
    expect(await api.failure(createUnit, { input: { name: 'Syd', externalId: 'N1' } })).toMatchObject(
      refusal('ALREADY_EXISTS', 'externalId'),
    );
  });

  test('keeps rows that look the same, finds the oldest of them, and says which they are', async () => {
    const { eventTypes } = await api.data('{ eventTypes { nodes { id name } } }');
    expect(eventTypes.nodes.map(({ name }: { name: string }) => name).sort()).toEqual(
      [...oldEventTypes].sort(),
    );
    expect(await namesOf({ externalIds: ['A-1'] })).toEqual(['Anna Straße']);
    expect(warnings.filter((message) => message.includes('looks the same'))).toEqual([
      expect.stringContaining('The external_id of the caregiver 2 looks the same as that of 1'),
      expect.stringContaining('The name of the event_type 2 looks the same as that of 1 ("Rönt\u00adgen")'),
      expect.stringContaining('The name of the event_type 3 looks the same as that of 1'),
    ]);
  });

  test('takes changes of rows that look the same, and no new name that looks like theirs', async () => {
    const archived = await api.data(updateEventType, { id: '2', input: { archived: true } });
    expect(archived.updateEventType).toMatchObject({ name: 'Rönt\u00adgen', archived: true });
    const same = await api.data(updateEventType, { id: '3', input: { name: 'Röntgen\u2800', amount: 5 } });
    expect(same.updateEventType.name).toBe('Röntgen\u2800');
    for (const name of ['Röntgen', 'Ro\u0308ntgen\u034f']) {
      expect(await api.failure(createEventType, { input: { name, amount: 1 } })).toMatchObject(
        refusal('ALREADY_EXISTS', 'name'),
      );
    }
    const renamed = await api.data(updateEventType, { id: '2', input: { name: 'Röntgen av hand' } });
    expect(renamed.updateEventType.name).toBe('Röntgen av hand');
    expect(
      await api.failure(createEventType, { input: { name: 'Röntgen av\u00a0hand', amount: 1 } }),
    ).toMatchObject(refusal('ALREADY_EXISTS', 'name'));
  });
});
