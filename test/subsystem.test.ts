import { Command as Program } from 'commander';
import sql from 'sql-template-tag';
import { Arg, Ctx, Int, Mutation, Query, Resolver } from 'type-graphql';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { AccessRows } from '../src/platform/access/roles';
import type { Act } from '../src/platform/audit/act';
import { actOf } from '../src/platform/audit/act';
import { AuditWords } from '../src/platform/audit/auditWords';
import type { Context } from '../src/platform/graphql/context';
import { checkKeys } from '../src/platform/integrity/checkKeys';
import { addDifferences } from '../src/platform/rollup/addDifferences';
import { rebuildRollup } from '../src/platform/rollup/rebuildRollup';
import type { Rollup } from '../src/platform/rollup/rollup';
import { createSchema } from '../src/platform/server/schema';
import { writeOne } from '../src/platform/storage/core/database';
import { oneByOne } from '../src/platform/storage/core/oneByOne';
import { quickCommand } from '../src/platform/storage/core/writeQueue';
import { type Subsystem, tablesOf } from '../src/platform/subsystem';
import { subsystems } from '../src/subsystems';
import { findDrift, refusal, tamper } from './support/fixtures';
import { serviceForTests } from './support/testService';

// A subsystem that is nobody's, made as docs/adding-a-subsystem.md says. Nothing outside of this file knows it.

class CreateParking1900000000000 implements MigrationInterface {
  name = 'CreateParking1900000000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      'create table parking (garage bigint not null, car bigint primary key, minutes bigint not null)',
    );
    await runner.query('create index parking_garage on parking (garage)');
    await runner.query(
      `create table parking_rollup (garage bigint primary key, minutes bigint not null, cars bigint not null,
        constraint amount_fits check (minutes between -9007199254740991 and 9007199254740991))`,
    );
  }

  async down(): Promise<void> {
    throw new Error('restore a backup');
  }
}

const parkingRollup: Rollup<'garage', 'minutes' | 'cars'> = {
  table: 'parking_rollup',
  key: { garage: 'integer' },
  measures: ['minutes', 'cars'],
  tooLarge: { message: 'The garage is full.', field: 'minutes' },
  factTable: 'parking',
  facts: (from, to) => sql`
    select garage, sum(minutes) as minutes, count(*) as cars
    from parking where garage between ${from} and ${to} group by 1`,
};

const audit = new AuditWords({ park: 'A car was parked.' }, { garage: 'A garage.' });

interface Park {
  garage: number;
  car: number;
  minutes: number;
  act: Act;
}

const park = quickCommand(
  'park',
  oneByOne(async (tx, { garage, car, minutes, act }: Park) => {
    await tx.run(sql`insert into parking (garage, car, minutes) values (${garage}, ${car}, ${minutes})`);
    await addDifferences(tx, parkingRollup, [{ garage, minutes, cars: 1 }]);
    audit.record(tx, { act, action: 'park', target: ['garage', garage], after: { car } });
    return car;
  }),
);

@Resolver()
class ParkingResolver {
  @Query(() => Int, { description: 'How long cars have been in a garage, in minutes.' })
  async parkedMinutes(
    @Arg('garage', () => Int, { description: 'Which garage.' }) garage: number,
    @Ctx() { service }: Context,
  ): Promise<number> {
    const row = await service.database.read((snapshot) =>
      snapshot.one<{ minutes: number }>(sql`select minutes from parking_rollup where garage = ${garage}`),
    );
    return row?.minutes ?? 0;
  }

  @Mutation(() => Int, { description: 'Parks a car; answers its number.' })
  park(
    @Arg('garage', () => Int, { description: 'Where.' }) garage: number,
    @Arg('car', () => Int, { description: 'Which car.' }) car: number,
    @Arg('minutes', () => Int, { description: 'For how long.' }) minutes: number,
    @Ctx() context: Context,
  ): Promise<number> {
    return writeOne(context.service.database, park, { garage, car, minutes, act: actOf(context) });
  }
}

const parking: Subsystem = {
  name: 'parking',
  migrations: [CreateParking1900000000000],
  tables: [
    {
      table: 'parking',
      columns: { garage: 'integer', car: 'integer', minutes: 'integer' },
      key: ['car'],
      extra: 'refuse',
    },
  ],
  rollups: [parkingRollup],
  access: new AccessRows(
    {},
    {
      'Query.parkedMinutes': ['none', 'all', 'all', 'all', 'all', 'all'],
      'Mutation.park': ['none', 'none', 'none', 'none', 'none', 'all'],
    },
  ),
  audit,
  addCommands(program) {
    program
      .command('garages')
      .description('list the garages')
      .action(() => {
        told.push('none');
      });
  },
  loadServerParts: () => ({ resolvers: [ParkingResolver] }),
};
const told: string[] = [];
const withParking = [...subsystems, parking];

const api = serviceForTests({ subsystems: withParking });
const parkCar = 'mutation ($car: Int!) { park(garage: 7, car: $car, minutes: 30) }';

test('its mutation adds to its rollup, which its query reads', async () => {
  for (const car of [1, 2]) expect(await api.data(parkCar, { car })).toEqual({ park: car });
  expect(await api.data('{ parkedMinutes(garage: 7) }')).toEqual({ parkedMinutes: 60 });
});

test('its rows of the table of roles hold', async () => {
  const analyst = await api.as({ role: 'ANALYST' });
  expect(await analyst.data('{ parkedMinutes(garage: 7) }')).toEqual({ parkedMinutes: 60 });
  expect(await analyst.failure(parkCar, { car: 3 })).toMatchObject(refusal('FORBIDDEN'));
  expect(() => createSchema([...subsystems, { ...parking, access: new AccessRows({}, {}) }])).toThrow(
    'has no row',
  );
});

test('its rollup is verified, and rebuilt', async () => {
  expect(await findDrift(api)).toEqual([]);
  await tamper(api, sql`update parking_rollup set minutes = 1`);
  expect(await findDrift(api)).toMatchObject([{ table: 'parking_rollup', key: { garage: 7 } }]);
  expect(await rebuildRollup(api.service.database, parkingRollup)).toBe(1);
  expect(await findDrift(api)).toEqual([]);
});

test('the audit log tells of it', async () => {
  const { auditLog } = await api.data(
    '{ auditLog(filter: { action: park }) { nodes { action targetKind targetId after } } }',
  );
  expect(auditLog.nodes).toEqual(
    [2, 1].map((car) => ({ action: 'park', targetKind: 'garage', targetId: '7', after: `{"car":${car}}` })),
  );
});

test('its table is among those that are checked and copied', async () => {
  const tables = tablesOf(withParking);
  expect(tables.map(({ table }) => table)).toEqual(expect.arrayContaining(['parking', 'parking_rollup']));
  const { database } = api.service;
  const found = await checkKeys(tables, (work) => database.readLong(work), testEngine);
  expect(found).toEqual({ problems: [], notChecked: [] });
});

test('every table stands behind those that it refers to, so that they can be copied in this order', () => {
  const before: string[] = [];
  for (const { table, references = {} } of tablesOf(subsystems)) {
    for (const target of Object.values(references)) expect(before).toContain(target.split('.')[0]);
    before.push(table);
  }
  expect(before.length).toBeGreaterThan(10);
});

test('its command is one of the program', async () => {
  const program = new Program();
  for (const subsystem of withParking) subsystem.addCommands?.(program, withParking);
  await program.parseAsync(['node', 'caretally', 'garages']);
  expect(told).toEqual(['none']);
});
