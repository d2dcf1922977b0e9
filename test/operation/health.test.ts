import { EventEmitter, once } from 'node:events';
import sql from 'sql-template-tag';
import type { Command } from '../../src/storage/writeQueue';
import { select, tamper } from '../support/fixtures';
import { serviceForTests } from '../support/testService';

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
