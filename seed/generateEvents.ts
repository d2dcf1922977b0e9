import { createCalendar, type Month, nextMonth } from '../src/platform/values/months';
import { createRandom, normal, poisson, type Random, randomUuid } from './random';

/** What to generate. The same plan always gives the same events. */
export interface EventPlan {
  seedNumber: number;
  caregivers: number;
  /** How often each event type comes, relative to the others. */
  eventTypeWeights: readonly number[];
  /** First and last month, both included. */
  fromMonth: Month;
  toMonth: Month;
  /** Events of an average caregiver in an average month. */
  eventsPerMonth: number;
  /** Exactly so many events in all; left out, what the average comes to. */
  events?: number;
}

export interface GeneratedEvent {
  id: string;
  /** From 0. */
  caregiverIndex: number;
  /** From 0. */
  eventTypeIndex: number;
  occurredAtMs: number;
}

const utc = createCalendar('UTC');
const dayMs = 86_400_000;

/** Monday to Sunday. */
const weekdayWeights = [1.1, 1.05, 1, 1, 0.9, 0.25, 0.15];
/** January to December: holidays in July, colds in February. */
const monthWeights = [1.05, 1.15, 1.1, 1, 1, 0.95, 0.6, 0.85, 1.05, 1.1, 1.1, 0.9];

/**
 * Events as a health service has them: working days and hours, quiet summers, a few very busy caregivers. What a
 * caregiver does in a month depends on the seed number, the caregiver and the month alone, so that the same month
 * has the same events in every plan of the same average. Ordered by caregiver and month.
 */
export function* generateEvents(plan: EventPlan): Generator<GeneratedEvent> {
  const months = [...monthsOf(plan)];
  const counts = countEvents(plan, months);
  const typeShares = cumulate(plan.eventTypeWeights);
  for (let caregiverIndex = 0; caregiverIndex < plan.caregivers; caregiverIndex += 1) {
    for (const [monthIndex, month] of months.entries()) {
      const random = createRandom(plan.seedNumber, 2, caregiverIndex, month);
      const days = daysOf(month);
      const dayShares = cumulate(
        days.map((day) => weekdayWeights[(new Date(day).getUTCDay() + 6) % 7] as number),
      );
      const count = counts[caregiverIndex * months.length + monthIndex] as number;
      for (let event = 0; event < count; event += 1) {
        yield {
          caregiverIndex,
          eventTypeIndex: pick(typeShares, random),
          occurredAtMs: (days[pick(dayShares, random)] as number) + timeOfDayMs(random),
          id: randomUuid(random),
        };
      }
    }
  }
}

function* monthsOf(plan: EventPlan): Generator<Month> {
  for (let month = plan.fromMonth; month <= plan.toMonth; month = nextMonth(month)) yield month;
}

/** How many events each caregiver has in each month. */
function countEvents(plan: EventPlan, months: readonly Month[]): Uint32Array {
  const counts = new Uint32Array(plan.caregivers * months.length);
  let total = 0;
  for (let caregiver = 0; caregiver < plan.caregivers; caregiver += 1) {
    const busy = busyness(createRandom(plan.seedNumber, 1, caregiver));
    for (const [index, month] of months.entries()) {
      const mean = plan.eventsPerMonth * busy * (monthWeights[(month % 100) - 1] as number);
      const count = poisson(createRandom(plan.seedNumber, 3, caregiver, month), mean);
      counts[caregiver * months.length + index] = count;
      total += count;
    }
  }
  if (plan.events !== undefined) adjust(counts, plan.events - total, createRandom(plan.seedNumber, 4));
  return counts;
}

/** Most are alike; about one in fifty does the work of five. The mean is close to one. */
function busyness(random: Random): number {
  const common = Math.exp(0.45 * normal(random) - 0.1);
  return random.next() < 0.02 ? common * 5 : common * 0.92;
}

/** Adds or takes single events here and there until the total fits. */
function adjust(counts: Uint32Array, missing: number, random: Random): void {
  for (let left = missing; left !== 0; ) {
    const cell = Math.floor(random.next() * counts.length);
    const count = counts[cell] as number;
    if (left < 0 && count === 0) continue;
    counts[cell] = count + Math.sign(left);
    left -= Math.sign(left);
  }
}

function daysOf(month: Month): number[] {
  const start = utc.startOf(month);
  const days = (utc.startOf(nextMonth(month)) - start) / dayMs;
  return Array.from({ length: days }, (_, day) => start + day * dayMs);
}

/** Around noon in western and central Europe, now and then at night; to the second. */
function timeOfDayMs(random: Random): number {
  const hour =
    random.next() < 0.04 ? random.next() * 24 : Math.min(22, Math.max(4, 11 + 2.6 * normal(random)));
  return Math.floor(hour * 3600) * 1000;
}

/** Shares of a whole, added up: the last is 1. */
function cumulate(weights: readonly number[]): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let sum = 0;
  return weights.map((weight) => {
    sum += weight;
    return sum / total;
  });
}

/** The first share that a random number falls below. */
function pick(shares: readonly number[], random: Random): number {
  const value = random.next();
  let low = 0;
  for (let high = shares.length - 1; low < high; ) {
    const middle = (low + high) >> 1;
    if (value < (shares[middle] as number)) high = middle;
    else low = middle + 1;
  }
  return low;
}
