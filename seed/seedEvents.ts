import type { Service } from '../src/platform/service';
import type { ImportSummary } from '../src/reimbursements/import/registerAll';
import { type EventPlan, generateEvents } from './generateEvents';
import { createPeople, monthsBefore, registerGenerated } from './people';
import sample from './sample.json';

/** Fills a database of any size, up to the last full month. The same plan in the same month makes the same events. */
export async function seedEvents(
  service: Service,
  plan: { events: number; caregivers: number; years: number; seedNumber: number },
  onProgress?: (handled: number) => void,
): Promise<ImportSummary> {
  const people = await createPeople(service, plan.caregivers);
  const thisMonth = service.calendar.monthOf(service.now());
  const months = plan.years * 12;
  const events: EventPlan = {
    seedNumber: plan.seedNumber,
    caregivers: plan.caregivers,
    eventTypeWeights: sample.eventTypes.map((eventType) => eventType.weight),
    fromMonth: monthsBefore(thisMonth, months),
    toMonth: monthsBefore(thisMonth, 1),
    eventsPerMonth: plan.events / plan.caregivers / months,
    events: plan.events,
  };
  return registerGenerated(service, people, generateEvents(events), service.now(), onProgress);
}
