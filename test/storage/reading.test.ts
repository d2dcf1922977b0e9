import openDatabase from 'better-sqlite3';
import sql from 'sql-template-tag';
import { SharedSnapshot } from '../../src/platform/storage/core/sharedSnapshot';
import type { Snapshot } from '../../src/platform/storage/core/transaction';
import { newDatabase, type TestDatabase } from '../support/databases';
import {
  createCaregiver,
  createEventType,
  noon,
  noonMs,
  readTally,
  register,
  select,
  tamper,
} from '../support/fixtures';
import { createNotes, holdTransaction, notes, writeNote } from '../support/notes';
import { startTestService, type TestService } from '../support/testService';

/** Counts to a number that takes SQLite a while. */
const longRead = sql`with recursive n (i) as (select 1 union all select i + 1 from n where i < 2000000)
  select count(*) as counted from n`;

describe('reading', () => {
  let api: TestService;
  let database: TestDatabase;
  let input: { caregiverId: string; eventTypeId: string; occurredAt: string };
  const owed = async () => (await readTally(api, { caregiverIds: [input.caregiverId] })).owed;

  beforeEach(async () => {
    database = newDatabase();
    await database.create();
    api = await startTestService({ database });
    api.setNow(noonMs);
    await tamper(api, createNotes);
    input = {
      caregiverId: await createCaregiver(api),
      eventTypeId: await createEventType(api),
      occurredAt: noon,
    };
  });
  afterEach(async () => {
    await api.close();
    await database.drop();
  });

  test('sees nothing of what is not committed', async () => {
    const held = await holdTransaction(
      api,
      sql`insert into monthly_rollup values (${input.caregiverId}, 202603, 'SEK', 0, 0, 500, 1)`,
    );
    expect(await notes(api)).toEqual([]);
    expect(await owed()).toEqual({ amount: 0, events: 0 });
    await held.commit();
    expect(await notes(api)).toEqual(['the first']);
    expect(await owed()).toEqual({ amount: 500, events: 1 });
  });

  test('cannot write', async () => {
    await expect(select(api, sql`insert into note (name) values ('smuggled')`)).rejects.toThrow();
    await expect(select(api, sql`delete from note returning name`)).rejects.toThrow();
    expect(await notes(api)).toEqual([]);
  });

  test('sees one state of the data from its beginning to its end', async () => {
    const count = sql`select count(*) as notes from note`;
    await api.service.database.read(async (snapshot) => {
      const before = await snapshot.one(count);
      await writeNote(api, 'meanwhile');
      expect(await snapshot.one(count)).toEqual(before);
    });
    expect(await notes(api)).toEqual(['meanwhile']);
  });

  test('together sees one state of the data, whatever is written between its parts', async () => {
    const shared = new SharedSnapshot(api.service.database);
    const count = (snapshot: Snapshot) => snapshot.one(sql`select count(*) as notes from note`);
    const parts = [
      shared.read(async (snapshot) => {
        await writeNote(api, 'before the first part has asked');
        return count(snapshot);
      }),
      shared.read(async (snapshot) => {
        await writeNote(api, 'between the parts');
        return count(snapshot);
      }),
      shared.read(count),
    ];
    expect(await Promise.all(parts)).toEqual(Array(3).fill({ notes: 0 }));
    expect(await notes(api)).toHaveLength(2);
  });

  test('together fails together when the database is gone', async () => {
    const shared = new SharedSnapshot(api.service.database);
    const gone = await startTestService();
    await gone.close();
    const late = new SharedSnapshot(gone.service.database);
    const read = (from: SharedSnapshot) => from.read((snapshot) => snapshot.one(sql`select 1 as one`));
    const answers = await Promise.allSettled([read(shared), read(late), read(late), read(shared)]);
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
  });

  test('what takes long holds up neither registrations nor other reads', async () => {
    const finished: string[] = [];
    const finish = (what: string) => () => finished.push(what);
    const reading = select(api, longRead).then(finish('the long read'));
    await register(api, input).then(finish('a registration'));
    await owed().then(finish('a report'));
    await reading;
    expect(finished).toEqual(['a registration', 'a report', 'the long read']);
  });

  if (testEngine === 'sqlite') {
    test('on SQLite, goes on while another process writes, and registrations wait for it', async () => {
      const other = openDatabase(database.url.replace('sqlite:', ''));
      other.exec("begin immediate; insert into note (name) values ('by another process')");
      let registered = false;
      const registering = register(api, input).then(() => {
        registered = true;
      });
      for (let read = 0; read < 5; read += 1) expect((await owed()).events).toBe(0);
      expect([registered, await notes(api)]).toEqual([false, []]);

      other.exec('commit');
      other.close();
      await registering;
      expect((await owed()).events).toBe(1);
      expect(await notes(api)).toEqual(['by another process']);
    });
  }
});
