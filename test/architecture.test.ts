import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join, relative } from 'node:path';

const projectFolder = join(__dirname, '..');

interface Source {
  /** Path from the project's folder: `src/reimbursements/events/registerEvents.ts`. */
  path: string;
  text: string;
  /** What it imports: paths from the project's folder for its own files, names for packages and Node's own modules. */
  imports: string[];
}

function readSources(folder: string): Source[] {
  return readdirSync(join(projectFolder, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => {
      const path = join(folder, name);
      const text = readFileSync(join(projectFolder, path), 'utf8');
      const named = [...text.matchAll(/^\s*(?:import|export)\b[^'";]*?from\s+'([^']+)'/gm)];
      const bare = [...text.matchAll(/^\s*import\s+'([^']+)'/gm)];
      const called = [...text.matchAll(/\b(?:import|require)\(\s*'([^']+)'\s*\)/g)];
      const imports = [...named, ...bare, ...called].map(([, target]) => resolve(path, target as string));
      return { path, text, imports };
    });
}

function resolve(importer: string, target: string): string {
  if (!target.startsWith('.')) return target;
  const path = relative(projectFolder, join(projectFolder, importer, '..', target));
  const file = [path, `${path}.ts`, `${path}.tsx`, join(path, 'index.ts')].find(
    (candidate) => /\.\w+$/.test(candidate) && existsSync(join(projectFolder, candidate)),
  );
  if (!file) throw new Error(`${importer} imports ${target}, which is not there`);
  return file;
}

/** The browser's part is a project of its own: beside some values, it knows the service by its API. */
const sources = readSources('src').filter(({ path }) => !path.startsWith('src/web/'));
const subsystems = ['directory', 'reimbursements'];
/** What others may import of a subsystem: what it exports on purpose, and of that, what is for GraphQL. */
const doors = ['index.ts', 'graphql.ts'];

const inFolder =
  (...folders: string[]) =>
  (path: string) =>
    folders.some((folder) => path === folder || path.startsWith(`${folder}/`));
const isOwn = inFolder('src', 'seed', 'bench', 'test');
const isBuiltIn = (name: string) => name.startsWith('node:') || builtinModules.includes(name);
const isPackage = (name: string) => !isOwn(name) && !isBuiltIn(name);

/** What of a subsystem the service loads when it starts, and no command does. */
const isForServer = (path: string) =>
  /(\.resolver|\.types|Connection|\/graphql|\/loaders|\/serverParts|\/reportCsv)\.ts$/.test(path);

/** Every import of the files that `from` picks and that `allowed` does not allow, as "who imports what". */
function breaches(
  from: (path: string) => boolean,
  allowed: (target: string, importer: string) => boolean,
): string[] {
  const importers = sources.filter(({ path }) => from(path));
  expect(importers.length).toBeGreaterThan(0);
  return importers.flatMap(({ path, imports }) =>
    imports.filter((target) => !allowed(target, path)).map((target) => `${path} imports ${target}`),
  );
}

describe('dependencies point one way', () => {
  test('the imports of every file are understood', () => {
    const imports = sources.flatMap((source) => source.imports);
    expect(imports.length).toBeGreaterThan(200);
    const missed = sources.filter(
      ({ text, imports }) => imports.length < [...text.matchAll(/^(?:import\b|export\b.* from )/gm)].length,
    );
    expect(missed.map(({ path }) => path)).toEqual([]);
  });

  test('values know nothing but each other and the errors, and no library but the list of currencies', () => {
    const allowed = (target: string) =>
      inFolder('src/platform/values', 'src/platform/errors.ts')(target) ||
      isBuiltIn(target) ||
      target === 'currency-codes';
    expect(breaches(inFolder('src/platform/values'), allowed)).toEqual([]);
    expect(breaches(inFolder('src/platform/errors.ts'), isBuiltIn)).toEqual([]);
  });

  test('pages share with the service how values are written, compared and read, and nothing else', () => {
    const names = ['csv', 'currencies', 'money', 'months', 'text', 'wallClock'];
    const shared = inFolder(...names.map((name) => `src/platform/values/${name}.ts`));
    const pages = readSources('src/web');
    const others = pages.flatMap(({ path, imports }) =>
      imports
        .filter((target) => inFolder('src')(target) && !inFolder('src/web')(target) && !shared(target))
        .map((target) => `${path} imports ${target}`),
    );
    expect(others).toEqual([]);
    expect(breaches(shared, (target) => shared(target) || target === 'currency-codes')).toEqual([]);
  });

  test('the platform knows no subsystem, and only their list names them all', () => {
    const named = inFolder(...subsystems.map((name) => `src/${name}`));
    expect(breaches(inFolder('src/platform'), (target) => !named(target))).toEqual([]);
    const outside = ({ path }: Source) => !inFolder('src/platform')(path) && !named(path);
    const naming = sources.filter((source) => outside(source) && source.imports.some(named));
    expect(naming.map(({ path }) => path)).toEqual(['src/subsystems.ts']);
    for (const { path, text } of sources.filter(({ path }) => named(path))) {
      expect([path, text.match(/from '[^']*\/subsystems'/g)]).toEqual([path, null]);
    }
  });

  test('subsystems meet only through what they export on purpose', () => {
    for (const name of subsystems) {
      const others = subsystems.filter((other) => other !== name);
      const allowed = (target: string) =>
        !inFolder(...others.map((other) => `src/${other}`))(target) ||
        others.some((other) => doors.some((door) => target === `src/${other}/${door}`));
      expect(breaches(inFolder(`src/${name}`), allowed)).toEqual([]);
    }
  });

  test('the directory stands on the platform alone', () => {
    const allowed = inFolder('src/platform', 'src/directory');
    expect(breaches(inFolder('src/directory'), (target) => !isOwn(target) || allowed(target))).toEqual([]);
  });

  test('storage stands on values and errors alone', () => {
    const allowed = inFolder(
      'src/platform/storage',
      'src/platform/errors.ts',
      'src/platform/values',
      'src/platform/projectFolder.ts',
    );
    const storage = inFolder('src/platform/storage');
    expect(breaches(storage, (target) => !isOwn(target) || allowed(target))).toEqual([]);
  });

  test('the rollup engine knows storage and no event', () => {
    const allowed = inFolder(
      'src/platform/rollup',
      'src/platform/storage',
      'src/platform/errors.ts',
      'src/platform/values',
    );
    const engine = inFolder('src/platform/rollup');
    expect(breaches(engine, (target) => !isOwn(target) || allowed(target))).toEqual([]);
    for (const { path, text } of sources.filter(({ path }) => engine(path))) {
      expect([path, text.match(/monthly_rollup|payout|unreimbursed/g)]).toEqual([path, null]);
    }
  });

  test('what is for commands loads neither GraphQL nor the server', () => {
    const early = (path: string) =>
      inFolder(...subsystems.map((name) => `src/${name}`), 'src/platform/cli')(path) && !isForServer(path);
    // Required when it is needed, which is not looked at here: an index when the service starts, a command when it runs.
    const late = (target: string) => /\/(serverParts|serve)\.ts$/.test(target);
    expect(breaches(early, (target) => !isForServer(target) || late(target))).toEqual([]);
  });

  test('use cases know nothing of GraphQL', () => {
    const isUseCase = (path: string) =>
      inFolder(
        ...subsystems.map((name) => `src/${name}`),
        'src/platform/access',
        'src/platform/audit',
      )(path) && !isForServer(path);
    const graphql = (target: string) =>
      inFolder('src/platform/graphql')(target) ||
      /\.(resolver|types)\.ts$/.test(target) ||
      /graphql|apollo/.test(target);
    expect(breaches(isUseCase, (target) => !graphql(target))).toEqual([]);
  });

  test('resolvers, their types and the server alone know type-graphql and Apollo', () => {
    const mayKnow = (path: string) =>
      /\.(resolver|types)\.ts$/.test(path) || inFolder('src/platform/graphql', 'src/platform/server')(path);
    const libraries = /^(type-graphql|@apollo\/|@as-integrations\/)/;
    expect(
      breaches(
        (path) => !mayKnow(path),
        (target) => !libraries.test(target),
      ),
    ).toEqual([]);
    const resolvers = sources.filter(({ imports }) => imports.some((target) => libraries.test(target)));
    expect(resolvers.length).toBeGreaterThan(5);
  });

  test('the server and routes alone know Fastify, and the calendar of months no library at all', () => {
    const fastify = /^(fastify|@fastify\/)/;
    const mayKnow = (path: string) =>
      inFolder('src/platform/server', 'src/platform/live', 'src/platform/subsystem.ts')(path) ||
      path === 'src/reimbursements/reports/reportCsv.ts';
    expect(
      breaches(
        (path) => !mayKnow(path),
        (target) => !fastify.test(target),
      ),
    ).toEqual([]);
    expect(breaches(inFolder('src/platform/values/months.ts'), () => false)).toEqual([]);
  });

  test('nothing imports a program', () => {
    const programs = ['src/main.ts', 'src/cli.ts'];
    const importers = [...sources, ...readSources('seed')];
    for (const { path, imports } of importers) {
      expect([path, imports.filter((target) => programs.includes(target))]).toEqual([path, []]);
    }
  });

  test('only the configuration reads the environment', () => {
    const readers = sources.filter(({ text }) =>
      // A default that is set for libraries, before they load, is no reading.
      /process\.env|process\[/.test(text.replace(/^process\.env\.NODE_ENV \?\?= 'production';$/m, '')),
    );
    expect(readers.map(({ path }) => path)).toEqual(['src/platform/config.ts']);
  });

  test('every package that is imported is a dependency, and every dependency is used', () => {
    const { dependencies } = JSON.parse(readFileSync(join(projectFolder, 'package.json'), 'utf8'));
    const used = new Set(
      [...sources, ...readSources('seed')]
        .flatMap(({ imports }) => imports.filter(isPackage))
        .map((name) =>
          name
            .split('/')
            .slice(0, name.startsWith('@') ? 2 : 1)
            .join('/'),
        ),
    );
    expect([...used].filter((name) => !(name in dependencies))).toEqual([]);
    // Loaded by others by their names: TypeORM's driver, Fastify's log, and what type-graphql asks for.
    const byName = ['better-sqlite3', 'pino', 'class-validator', 'graphql-scalars'];
    expect(Object.keys(dependencies).filter((name) => !used.has(name) && !byName.includes(name))).toEqual([]);
  });
});
