import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readConfig } from '../../src/platform/config';
import { limitSettings } from '../../src/platform/limits';

const projectFolder = join(__dirname, '..', '..');
const read = (path: string) => readFileSync(join(projectFolder, path), 'utf8');

/** The rows of the first table in docs/configuration.md. */
const rows = [
  ...read('docs/configuration.md').matchAll(/^\| `([A-Z_]+)` \| (?:`(.*?)`|–) \| (.+) \|$/gm),
].map(([, name, fallback, meaning]) => ({ name: name as string, fallback, meaning: meaning as string }));

test('every setting that is read is in the page, and no other', () => {
  const source = read('src/platform/config.ts');
  const names = [
    ...source.matchAll(/\b(?:read|required|readSwitch)\((?:read, )?'([A-Z_]+)'|environment\.([A-Z_]+)/g),
  ].map(([, asked, taken]) => asked ?? taken);
  names.push(...Object.values(limitSettings).map(({ setting }) => setting));
  expect(names.length).toBeGreaterThan(12);
  expect(rows.map(({ name }) => name).sort()).toEqual([...new Set(names)].sort());
  // config.ts is the only reader of the environment, and reads it as above alone.
  expect(source.match(/environment\[/g)).toHaveLength(1);
});

test.each(rows.filter(({ fallback }) => fallback !== undefined))(
  '$name is $fallback where it is left out',
  ({ name, fallback }) => {
    const { databaseIsDefault: _left, ...leftOut } = readConfig({});
    const { databaseIsDefault: _given, ...given } = readConfig({ [name]: fallback as string });
    expect(given).toEqual(leftOut);
  },
);

test.each(rows.filter(({ fallback }) => fallback === undefined))(
  '$name has no value where it is left out',
  ({ name }) => {
    expect(JSON.stringify(readConfig({}))).toBe(JSON.stringify(readConfig({ [name]: '' })));
    expect(name).toMatch(/^(AUTH_|DATABASE_REPLICA_URLS|CORS_ORIGINS|TRUSTED_PROXIES|COPY_TO_URL)/);
  },
);

test('each says what it decides', () => {
  expect(rows.filter(({ meaning }) => meaning.length < 20)).toEqual([]);
});
