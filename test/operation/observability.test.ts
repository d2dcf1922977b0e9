import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCaretally } from '../support/cli';
import { databaseForTests } from '../support/databases';
import { createCaregiver } from '../support/fixtures';
import { parseMetrics, type Sample } from '../support/metrics';
import { readYaml } from '../support/readYaml';
import { serviceForTests } from '../support/testService';

const folder = join(__dirname, '..', '..', 'docs', 'operations');
const read = (file: string) => readFileSync(join(folder, file), 'utf8');

interface Rule {
  alert: string;
  expr: string;
  labels: { severity: string };
  annotations: { summary: string };
}
interface Panel {
  title: string;
  gridPos: { x: number; y: number; w: number; h: number };
  targets: { expr: string }[];
}

const alerts = readYaml<{ groups: { rules: Rule[] }[] }>(read('alerts.yaml'));
const rules = alerts.groups.flatMap((group) => group.rules);
const dashboard: { panels: Panel[] } = JSON.parse(read('dashboard.json'));

const database = databaseForTests();
const api = serviceForTests({ database });
let samples: Sample[];
beforeAll(async () => {
  await createCaregiver(api);
  await runCaretally(database, ['verify']);
  const headers = { authorization: api.authorization as string };
  await api.server.inject({ method: 'GET', url: '/metrics', headers });
  samples = parseMetrics((await api.server.inject({ method: 'GET', url: '/metrics', headers })).body);
});

/** The metrics that an expression of Prometheus names, with the labels that it chooses by or sums up by. */
function named(expression: string): { name: string; labels: string[] }[] {
  const grouped = [...expression.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, labels = '']) =>
    labels.split(/,\s*/),
  );
  const found = [...expression.matchAll(/\b((?:caretally|nodejs|process)_\w+)(?:\{([^}]*)\})?/g)];
  return found.map(([, name, chosen = '']) => ({
    name: name as string,
    labels: [...grouped, ...[...chosen.matchAll(/(\w+)\s*[!=]/g)].map(([, label]) => label as string)],
  }));
}

/** What Prometheus adds by itself. */
const added = ['instance', 'job'];

function expectTold(expression: string): void {
  for (const { name, labels } of named(expression)) {
    const found = samples.filter((sample) => sample.name === name);
    expect([name, found.length > 0]).toEqual([name, true]);
    const known = [...Object.keys(found[0]?.labels ?? {}), ...added];
    expect([name, labels.filter((label) => !known.includes(label))]).toEqual([name, []]);
  }
}

test.each(rules)('the alert $alert asks for what there is', ({ expr, labels, annotations }) => {
  expect(named(expr).length > 0 || expr.startsWith('up{')).toBe(true);
  expectTold(expr);
  expect(['page', 'ticket']).toContain(labels.severity);
  expect(annotations.summary).not.toBe('');
});

test.each(dashboard.panels)('the panel "$title" shows what there is', ({ targets }) => {
  expect(targets.length).toBeGreaterThan(0);
  for (const { expr } of targets) {
    expect(named(expr).length).toBeGreaterThan(0);
    expectTold(expr);
  }
});

test('no two panels lie on each other', () => {
  const overlaps = dashboard.panels.flatMap(({ title, gridPos: one }, index) =>
    dashboard.panels
      .slice(index + 1)
      .filter(
        ({ gridPos: other }) =>
          one.x < other.x + other.w &&
          other.x < one.x + one.w &&
          one.y < other.y + other.h &&
          other.y < one.y + one.h,
      )
      .map((other) => `${title} and ${other.title}`),
  );
  expect(overlaps).toEqual([]);
});

test('the page names metrics that there are, and all of the service’s own', () => {
  const page = read('README.md');
  const own = samples
    .map(({ name }) => name.replace(/_(bucket|sum|count)$/, ''))
    .filter((name) => name.startsWith('caretally_'));
  expect([...new Set(own)].filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  const told = [...page.matchAll(/`(caretally_\w+|nodejs_\w+_seconds)`/g)].map(([, name]) => name as string);
  const all = new Set([...own, ...samples.map(({ name }) => name)]);
  expect(told.filter((name) => !all.has(name))).toEqual([]);
});
