import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { runCaretally } from '../support/cli';
import { databaseForTests, temporaryFolder } from '../support/databases';
import { startTestService } from '../support/testService';

const exportFolder = join(__dirname, 'synthea');

describe('caretally import synthea', () => {
  const folder = temporaryFolder();
  const database = databaseForTests();
  const run = (...commandLine: string[]) => runCaretally(database, commandLine);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('brings in every encounter, and a second time changes nothing and says so', async () => {
    const first = await run('import', 'synthea', exportFolder, '--currency', 'USD', '--json');
    expect(first).toMatchObject({ exitCode: 0, errors: '' });
    expect(JSON.parse(first.output)).toEqual({
      unitsCreated: 173,
      caregiversCreated: 173,
      eventTypesCreated: 41,
      registered: 2590,
      replayed: 0,
      rejected: 0,
    });

    const second = await run('import', 'synthea', exportFolder, '--currency', 'USD');
    expect(second.exitCode).toBe(0);
    expect(second.output).toBe(
      'Nothing to do: 2,590 events had been imported before, and nothing was changed.\n',
    );
    expect(await run('verify')).toMatchObject({ exitCode: 0 });
  });

  test('comes to 32,902,132 cents for 147 caregivers', async () => {
    const service = await startTestService({ database });
    const { report } = await service.data(`{
      report {
        totals { currency total { amount events } }
        months { month total { events } }
        first: rows(first: 1000) { nodes { caregiver { id } total { amount } } pageInfo { endCursor hasNextPage } }
      }
    }`);
    expect(report.totals).toEqual([{ currency: 'USD', total: { amount: 32_902_132, events: 2590 } }]);
    expect(report.months[0]).toEqual({ month: '1943-02', total: { events: 1 } });

    const rows = [...report.first.nodes];
    for (let { hasNextPage, endCursor } = report.first.pageInfo; hasNextPage; ) {
      const next = await service.data(
        `query ($after: String) { report { rows(first: 1000, after: $after) {
          nodes { caregiver { id } total { amount } } pageInfo { endCursor hasNextPage }
        } } }`,
        { after: endCursor },
      );
      rows.push(...next.report.rows.nodes);
      ({ hasNextPage, endCursor } = next.report.rows.pageInfo);
    }
    expect(new Set(rows.map((row) => row.caregiver.id)).size).toBe(147);
    expect(rows.reduce((sum, row) => sum + row.total.amount, 0)).toBe(32_902_132);
    await service.close();
  });

  test('a folder without the files, and a currency that does not exist, are told in a sentence', async () => {
    const nowhere = await run('import', 'synthea', folder);
    expect(nowhere.exitCode).toBe(1);
    expect(nowhere.errors).toMatch(
      /^Cannot read .*organizations\.csv \(ENOENT\)\. Name the folder of a Synthea export/,
    );
    const coins = await run('import', 'synthea', exportFolder, '--currency', 'dollars');
    expect(coins).toMatchObject({ exitCode: 1 });
    expect(coins.errors).toBe('--currency must be an ISO 4217 code such as USD, not "dollars".\n');
  });
});
