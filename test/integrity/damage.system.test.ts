import { spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Random } from '../../seed/random';
import { findDamage } from '../../src/platform/storage/sqlite/sqliteIntegrity';
import { runCaretally } from '../support/cli';
import { sqliteFile, temporaryFolder } from '../support/databases';
import { between, oneOf, withRandom } from '../support/random';

const folder = temporaryFolder();
const whole = join(folder, 'whole.db');
const damaged = join(folder, 'damaged.db');
const pageBytes = 4_096;
let content: Buffer;

beforeAll(async () => {
  await runCaretally(sqliteFile(whole), ['seed', '--events', '3000', '--caregivers', '30', '--years', '2']);
  content = readFileSync(whole);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Makes a copy of the file with a single bit turned over. */
function flip(bit: number): void {
  const copy = Buffer.from(content);
  const byte = Math.floor(bit / 8);
  copy.writeUInt8(copy.readUInt8(byte) ^ (1 << (bit % 8)), byte);
  for (const suffix of ['-wal', '-shm', '-journal']) rmSync(`${damaged}${suffix}`, { force: true });
  writeFileSync(damaged, copy);
}

/** A bit of the file's header, of a page's header and the places of its rows, or anywhere. */
function drawBit(random: Random): number {
  const page = between(random, 0, content.length / pageBytes - 1) * pageBytes * 8;
  const within = oneOf(random, [
    () => between(random, 0, 100 * 8 - 1),
    () => page + between(random, 0, 12 * 8 - 1),
    () => page + between(random, 0, 300 * 8 - 1),
    () => page + between(random, 0, pageBytes * 8 - 1),
  ]);
  return within();
}

/** What the sqlite3 tool says of the damaged file, from a copy, so that nothing of it is touched. */
function outsideReference(): string {
  const copy = join(folder, 'reference.db');
  copyFileSync(damaged, copy);
  const { stdout, stderr } = spawnSync('sqlite3', [copy, 'pragma integrity_check'], { encoding: 'utf8' });
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(`${copy}${suffix}`, { force: true });
  return (stdout + stderr).trim();
}

test(
  'what the sqlite3 tool sees of a single bit that was turned over, verify sees, too',
  () =>
    withRandom(async (random) => {
      const seen = { damaged: 0, whole: 0 };
      for (let round = 0; round < 60; round += 1) {
        const bit = drawBit(random);
        flip(bit);
        const says = outsideReference();
        if (says === 'ok') {
          seen.whole += 1;
          continue;
        }
        seen.damaged += 1;
        const found = await findDamage(damaged, 100);
        expect([`bit ${bit}: ${says}`, found]).toEqual([
          expect.any(String),
          expect.arrayContaining([expect.any(String)]),
        ]);
      }
      expect(seen.damaged).toBeGreaterThan(12);
      expect(seen.whole).toBeGreaterThan(3);
    }),
  300_000,
);

test(
  'verify exits with 1 and says what is damaged, and never shows a stack, whatever bit it is',
  () =>
    withRandom(async (random) => {
      const failures: unknown[] = [];
      for (let round = 0; round < 12; round += 1) {
        const bit = drawBit(random);
        flip(bit);
        const says = outsideReference();
        const { exitCode, output, errors } = await runCaretally(sqliteFile(damaged), ['verify', '--json']);
        const problems = output === '' ? [] : JSON.parse(output).integrity.problems;
        const isTold = exitCode === 1 && problems.length > 0;
        if (/\n\s+at /.test(errors + output) || (says !== 'ok' && !isTold)) {
          failures.push({ bit, says, exitCode, output, errors });
        }
      }
      expect(failures).toEqual([]);
    }),
  300_000,
);
