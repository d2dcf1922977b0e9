import sql from 'sql-template-tag';
import type { Service } from '../src/service';
import { writeOne } from '../src/storage/database';
import { type Month, nextMonth } from '../src/values/months';
import { type EventPlan, generateEvents } from './generateEvents';
import { createPeople, monthsBefore, registerGenerated } from './people';
import sample from './sample.json';

const sampleCaregivers = 40;
const sampleMonths = 36;
const sampleSeedNumber = 20;

/**
 * Loads the sample into a database that holds nothing: units, caregivers, event types and three years of events up
 * to now, all but the last two months paid.
 * @returns what was loaded, in words; undefined when the database was not empty
 */
export async function loadSample(service: Service): Promise<string | undefined> {
  const { database, calendar } = service;
  const filled = await database.read((snapshot) =>
    snapshot.one(
      sql`select 1 from caregiver union all select 1 from event_type union all select 1 from unit limit 1`,
    ),
  );
  if (filled) return undefined;

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
  const { registered } = await registerGenerated(service, people, generateEvents(plan), now);
  await payMonths(service, people.caregiverIds, fromMonth, monthsBefore(toMonth, 2));
  return `sample data: ${sampleCaregivers} caregivers, ${registered} events of three years`;
}

/** One payout for each month from `fromMonth` up to, not including, `toMonth`. */
async function payMonths(
  service: Service,
  caregiverIds: readonly number[],
  fromMonth: Month,
  toMonth: Month,
): Promise<void> {
  const { database, commands, calendar } = service;
  for (let month = fromMonth; month < toMonth; month = nextMonth(month)) {
    await writeOne(database, commands.reimburseEvents, {
      caregiverIds,
      range: { fromMs: calendar.startOf(month), toMs: calendar.startOf(nextMonth(month)) },
      createdBy: 'seed',
      createdAtMs: service.now(),
    });
  }
}
