import sql from 'sql-template-tag';
import { actOfOperator } from '../src/platform/audit/act';
import type { Service } from '../src/platform/service';
import { writeOne } from '../src/platform/storage/core/database';
import { oneByOne } from '../src/platform/storage/core/oneByOne';
import { readSettings, writeSetting } from '../src/platform/storage/core/settings';
import type { Snapshot } from '../src/platform/storage/core/transaction';
import type { Command } from '../src/platform/storage/core/writeQueue';
import { type Month, nextMonth } from '../src/platform/values/months';
import { reimbursementCommands } from '../src/reimbursements/commands';
import { type EventPlan, generateEvents } from './generateEvents';
import { createPeople, monthsBefore, registerGenerated } from './people';
import sample from './sample.json';

const sampleCaregivers = 40;
const sampleMonths = 36;
const sampleSeedNumber = 20;

/**
 * Loads the sample into a database that holds nothing: units, caregivers, event types and three years of events up
 * to now, all paid but those of this month and the two before it.
 * @returns what was loaded, in words; undefined when the database was not empty
 */
export async function loadSample(service: Service): Promise<string | undefined> {
  const { database, calendar } = service;
  if (!(await database.read(wantsSample))) return undefined;
  await writeOne(database, markSample, 'loading');

  const now = service.now();
  const toMonth = calendar.monthOf(now);
  const fromMonth = monthsBefore(toMonth, sampleMonths);
  const people = await createPeople(service, sampleCaregivers);
  const plan: EventPlan = {
    seedNumber: sampleSeedNumber,
    caregivers: sampleCaregivers,
    eventTypeWeights: sample.eventTypes.map((eventType) => eventType.weight),
    fromMonth,
    toMonth,
    eventsPerMonth: 16,
  };
  const { registered, replayed } = await registerGenerated(service, people, generateEvents(plan), now);
  await payMonths(service, people.caregiverIds, fromMonth, monthsBefore(toMonth, 2));
  await writeOne(database, markSample, 'loaded');
  return `sample data: ${sampleCaregivers} caregivers, ${registered + replayed} events of three years`;
}

/** Whether there is nothing at all, or a sample whose loading was cut off; every step of it can be done again. */
async function wantsSample(snapshot: Snapshot): Promise<boolean> {
  if ((await readSettings(snapshot)).get('sample') === 'loading') return true;
  const anything = await snapshot.one(
    sql`select 1 from caregiver union all select 1 from event_type union all select 1 from unit limit 1`,
  );
  return anything === undefined;
}

const markSample: Command<'loading' | 'loaded', undefined> = {
  name: 'markSample',
  handle: oneByOne(async (tx, state) => {
    await writeSetting(tx, 'sample', state);
    return undefined;
  }),
};

/** One payout for each month from `fromMonth` up to, not including, `toMonth`. */
async function payMonths(
  service: Service,
  caregiverIds: readonly number[],
  fromMonth: Month,
  toMonth: Month,
): Promise<void> {
  const { database, calendar } = service;
  for (let month = fromMonth; month < toMonth; month = nextMonth(month)) {
    const payout = {
      caregiverIds,
      range: { fromMs: calendar.startOf(month), toMs: calendar.startOf(nextMonth(month)) },
      createdBy: 'seed',
      createdAtMs: service.now(),
      act: actOfOperator(service),
    };
    const [outcome] = await database.write(reimbursementCommands(service).reimburseEvents, [payout]);
    // A month without unpaid events was paid before the loading was cut off.
    if (outcome && 'error' in outcome && outcome.error.code !== 'NOTHING_TO_REIMBURSE') throw outcome.error;
  }
}
