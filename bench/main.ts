import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Databases } from './databases';
import { benchImport } from './importFile';
import { benchBatches } from './registerBatches';
import { benchRegisterEvent } from './registerEvent';
import { benchReports } from './reports';
import { type Figure, formatTable, machine } from './table';

/**
 * Runs the benchmarks on databases of their own and prints one table of ratios. `--full` goes up to ten million
 * events; names after it (register, batches, import, reports) run these alone.
 */
async function main(): Promise<void> {
  const chosen = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
  const full = process.argv.includes('--full');
  const databases = new Databases(mkdtempSync(join(tmpdir(), 'caretally-bench-')));
  const benches: Record<string, () => Promise<Figure[]>> = {
    register: () => benchRegisterEvent(databases, 5),
    batches: () => benchBatches(databases, 5),
    import: () => benchImport(databases, full ? 10_000_000 : 300_000, full ? 2 : 3),
    reports: () => benchReports(databases, full ? [100_000, 1_000_000, 10_000_000] : [20_000, 300_000], 5),
  };
  try {
    const figures: Figure[] = [];
    for (const [name, run] of Object.entries(benches)) {
      if (chosen.length > 0 && !chosen.includes(name)) continue;
      process.stderr.write(`${name} …\n`);
      figures.push(...(await run()));
    }
    process.stdout.write(`\n${machine()}\n\n${formatTable(figures)}\n`);
  } finally {
    rmSync(databases.folder, { recursive: true, force: true });
  }
}

main();
