import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Databases } from './databases';
import { benchExport } from './exportReport';
import { benchGrowth } from './growth';
import { benchHostile } from './hostile';
import { benchImport } from './importFile';
import { postgresDatabases } from './postgresDatabases';
import { benchBatches } from './registerBatches';
import { benchRegisterEvent } from './registerEvent';
import { benchReports } from './reports';
import { sqliteDatabases } from './sqliteDatabases';
import { benchStops } from './stops';
import { type Figure, formatTable, machine } from './table';

type Benches = Record<string, () => Promise<Figure[]>>;

/** How much is measured. */
interface Plan {
  /** Events in the databases that reports are read from; several, to see what growth costs. */
  sizes: number[];
  imported: number;
  exported: number;
  rounds: number;
  /** Of each load. */
  seconds: number;
}

const plans = {
  sqlite: {
    small: { sizes: [100_000, 1_000_000], imported: 300_000, exported: 600_000, rounds: 3, seconds: 2 },
    full: {
      sizes: [100_000, 1_000_000, 10_000_000],
      imported: 10_000_000,
      exported: 3_000_000,
      rounds: 5,
      seconds: 4,
    },
  },
  postgres: {
    small: { sizes: [30_000, 100_000], imported: 300_000, exported: 0, rounds: 3, seconds: 2 },
    full: { sizes: [100_000, 1_000_000], imported: 10_000_000, exported: 0, rounds: 5, seconds: 4 },
  },
} satisfies Record<Databases['engine'], Record<'small' | 'full', Plan>>;

/**
 * Runs the benchmarks on databases of their own and prints one table of ratios. `--full` goes up to ten million
 * events; `--database postgres://…` runs those that concern it on a PostgreSQL server, in databases of their own;
 * names (register, batches, import, reports, hostile, export, growth) run these alone. `--events N` goes up to so many, once.
 */
async function main(): Promise<void> {
  const { values, positionals: chosen } = readCommandLine();
  const folder = mkdtempSync(join(tmpdir(), 'caretally-bench-'));
  const server = values.database === undefined ? undefined : postgresDatabases(values.database, folder);
  const databases = server ?? sqliteDatabases(folder);
  const benches = benchesOf(databases, planOf(databases.engine, values));
  // Nothing is left behind, also when a benchmark fails or is stopped.
  process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => (server?.dropAll() ?? Promise.resolve()).finally(() => process.exit(1)));
  }
  const unknown = chosen.find((name) => !(name in benches));
  if (unknown !== undefined) {
    refuse(`There is no benchmark "${unknown}"; there are ${Object.keys(benches).join(', ')}.`);
  }

  const figures: Figure[] = [];
  try {
    for (const [name, run] of Object.entries(benches)) {
      if (chosen.length > 0 && !chosen.includes(name)) continue;
      const startedMs = performance.now();
      figures.push(...(await run()));
      process.stderr.write(`${name}: ${Math.round((performance.now() - startedMs) / 1000)} s\n`);
    }
  } finally {
    await server?.dropAll();
  }
  process.stdout.write(`\n${machine()}\n\n${formatTable(figures)}\n`);
}

function benchesOf(databases: Databases, plan: Plan): Benches {
  const { sizes, imported, exported, rounds, seconds } = plan;
  const largest = Math.max(...sizes);
  const huge = 10_000_000;
  const isHuge = largest === huge;
  const onEveryEngine = {
    register: () => benchRegisterEvent(databases, rounds, seconds),
    batches: () => benchBatches(databases, rounds),
    // A round takes minutes there, and noise goes with the minutes.
    import: () => benchImport(databases, imported, imported === huge ? 2 : rounds),
    reports: () => benchReports(databases, sizes, rounds, isHuge ? 100 : undefined),
  };
  if (databases.engine !== 'sqlite') return onEveryEngine;
  return {
    ...onEveryEngine,
    hostile: () => benchHostile(databases, rounds),
    export: () => benchExport(databases, exported, rounds),
    growth: async () => [
      ...(await benchGrowth(databases, sizes, rounds)),
      ...(await benchStops(databases, largest, Math.min(rounds, 3))),
    ],
  };
}

function planOf(engine: Databases['engine'], options: { full: boolean; events?: string }): Plan {
  const plan = plans[engine][options.full ? 'full' : 'small'];
  if (options.events === undefined) return plan;
  const events = Number(options.events);
  if (!Number.isInteger(events) || events < 100) return refuse('--events takes a whole number from 100.');
  return {
    sizes: [events / 10, events].map(Math.round),
    imported: events,
    exported: events,
    rounds: 1,
    seconds: 1,
  };
}

function readCommandLine() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        full: { type: 'boolean', default: false },
        database: { type: 'string' },
        events: { type: 'string' },
      },
    });
  } catch (error) {
    return refuse((error as Error).message);
  }
}

function refuse(sentence: string): never {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}

main();
