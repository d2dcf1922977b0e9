import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { benchRegisterEvent } from './registerEvent';
import { formatTable, machine } from './table';

/** Runs every benchmark on databases of its own and prints one table of ratios. */
async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'caretally-bench-'));
  try {
    const figures = [...(await benchRegisterEvent(folder))];
    process.stdout.write(`\n${machine()}\n\n${formatTable(figures)}\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

main();
