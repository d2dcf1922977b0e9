import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { projectFolder } from '../src/platform/projectFolder';

describe('the benchmarks', () => {
  test('measure reports and imports against what stands beside them', async () => {
    const database = testEngine === 'postgres' ? ['--database', process.env.TEST_POSTGRES_URL as string] : [];
    const { stdout } = await promisify(execFile)(process.execPath, [
      join(projectFolder, 'dist', 'bench', 'main.js'),
      ...['--events', '2000', 'reports', 'import', ...database],
    ]);
    const rows = stdout.split('\n').filter((line) => /^\| [^-r]/.test(line));
    expect(rows.filter((row) => row.includes('group by')).length).toBeGreaterThanOrEqual(5);
    for (const row of rows)
      expect(row).toMatch(/^\| [^|]+ \| [\d.]+ \| [\d.]+ \| [\d.]+ \| [^|]* \| [^|]+ \|$/);
  }, 240_000);
});
