import { EventEmitter, once } from 'node:events';
import { Client } from 'pg';
import sql from 'sql-template-tag';
import type { Command } from '../../src/platform/storage/core/writeQueue';
import { select, tamper } from '../support/fixtures';
import { serviceForTests } from '../support/testService';

import openDatabase = require('better-sqlite3');

const logged: string[] = [];
const api = serviceForTests({
  logLevel: 'info',
  logStream: { write: (line: string) => void logged.push(line) },
});

async function get(url: string): Promise<[number, object]> {
  const response = await api.server.inject({ method: 'GET', url });
  return [response.statusCode, response.json()];
}

const readyAnswer = [200, { status: 'ready' }];

test('it is live, and ready', async () => {
  expect(await get('/health/live')).toEqual([200, { status: 'live' }]);
  expect(await get('/health/ready')).toEqual(readyAnswer);
});

test('asking changes nothing in the database', async () => {
  const settings = () => select(api, sql`select name, value from setting order by name`);
  const before = await settings();
  for (let count = 0; count < 5; count += 1) expect(await get('/health/ready')).toEqual(readyAnswer);
  expect(await settings()).toEqual(before);
});

test('tables of an earlier version are told, and that they came back', async () => {
  const [latest] = await select<{ id: number; timestamp: number; name: string }>(
    api,
    sql`select id, timestamp, name from migration order by timestamp desc limit 1`,
  );
  if (!latest) throw new Error('no migration');
  logged.length = 0;
  await tamper(api, sql`delete from migration where name = ${latest.name}`);
  for (let count = 0; count < 2; count += 1) {
    expect(await get('/health/ready')).toEqual([
      503,
      {
        status: 'unavailable',
        failed: 'migrations',
        reason: 'The database lacks tables of this version.',
      },
    ]);
  }
  expect(await get('/health/live')).toEqual([200, { status: 'live' }]);
  const { id, timestamp, name } = latest;
  await tamper(api, sql`insert into migration (id, timestamp, name) values (${id}, ${timestamp}, ${name})`);
  expect(await get('/health/ready')).toEqual(readyAnswer);
  const said = logged.map((line) => JSON.parse(line)).filter(({ msg }) => msg !== 'request');
  expect(said).toMatchObject([
    { level: 50, msg: 'not ready', failed: 'migrations' },
    { level: 30, msg: 'ready again' },
  ]);
});

test('tables of a later version are none of its business: it is being taken over', async () => {
  await tamper(api, sql`insert into migration (id, timestamp, name) values (999, 9999999999999, 'Later')`);
  expect(await get('/health/ready')).toEqual(readyAnswer);
  await tamper(api, sql`delete from migration where name = 'Later'`);
});

test('long work does not make it unready, nor keep anybody waiting', async () => {
  const work = new EventEmitter();
  const long: Command<undefined, undefined> = {
    name: 'long',
    handle: async () => {
      work.emit('begun');
      await once(work, 'end');
      return [{ value: undefined }];
    },
  };
  const begun = once(work, 'begun');
  const written = api.service.database.write(long, [undefined]);
  await begun;
  expect(await get('/health/ready')).toEqual(readyAnswer);
  work.emit('end');
  await written;
});

test('many who ask at once are all answered', async () => {
  const answers = await Promise.all(Array.from({ length: 200 }, () => get('/health/ready')));
  for (const answer of answers) expect(answer).toEqual(readyAnswer);
});

/** Keeps everybody from writing, from a connection of the test's own; answers how to let them again. */
async function lockOut(): Promise<() => Promise<void>> {
  const location = api.service.config.database;
  if (location.engine === 'sqlite') {
    const other = openDatabase(location.file);
    other.exec('begin immediate');
    return async () => {
      other.close();
    };
  }
  const other = new Client({ connectionString: location.url });
  await other.connect();
  await other.query('begin; lock table event in exclusive mode');
  return () => other.end();
}

test("somebody else's lock on a table makes it unready for as long as it lasts, with writes waiting or without", async () => {
  for (const writes of [true, false]) {
    const release = await lockOut();
    const waiting = writes
      ? api.ask('mutation { createUnit(input: { name: "behind the lock" }) { id } }').catch(() => undefined)
      : undefined;
    const deadlineMs = performance.now() + 8_000;
    let answer = await get('/health/ready');
    while (answer[0] === 200 && performance.now() < deadlineMs) answer = await get('/health/ready');
    expect(answer).toMatchObject([503, { status: 'unavailable', failed: 'database' }]);
    expect((await get('/health/ready'))[0]).toBe(503);
    expect((await get('/health/live'))[0]).toBe(200);
    await release();
    await waiting;
    while ((await get('/health/ready'))[0] !== 200) await new Promise((resolve) => setTimeout(resolve, 50));
  }
});
