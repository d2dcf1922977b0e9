import sql, { type Sql } from 'sql-template-tag';
import { everybody } from '../../src/platform/access/scope';
import type { ExportTable } from '../../src/platform/export/exportTable';
import { exportText } from '../../src/platform/export/exportText';
import { Snapshot } from '../../src/platform/storage/core/transaction';
import type { Range } from '../../src/platform/values/range';
import { eventTable } from '../../src/reimbursements/events/exportEvents';
import { reportTable } from '../../src/reimbursements/reports/exportReport';
import { serviceForTests } from '../support/testService';
import { createWideReport, wideCaregivers } from './wideReport';

const api = serviceForTests();
beforeAll(() => createWideReport(api));

/** The plans of all statements of an export, each as its steps. */
async function plansOf(table: ExportTable): Promise<string[][]> {
  return api.service.database.readLong(async (snapshot) => {
    const plans: string[][] = [];
    class Explaining extends Snapshot {
      override async all<Row>(statement: Sql): Promise<Row[]> {
        const steps = await snapshot.all<{ detail: string }>(sql`explain query plan ${statement}`);
        plans.push(steps.map((step) => step.detail));
        return snapshot.all(statement);
      }
    }
    // It asks the snapshot alone, and has no connection of its own.
    for await (const _text of exportText(new Explaining(undefined as never), table, 'csv'));
    return plans;
  });
}

const ranges: [string, Range][] = [
  ['everything', { fromMs: null, toMs: null }],
  ['whole months', { fromMs: Date.UTC(2015, 1, 28, 23), toMs: Date.UTC(2021, 4, 31, 22) }],
  ['a range that cuts months', { fromMs: Date.UTC(2015, 2, 10), toMs: Date.UTC(2021, 5, 20) }],
];

const everyone = Array.from({ length: wideCaregivers }, (_, index) => index + 1);

test.each(ranges)('every page of a report of %s begins where the one before ended', async (_what, range) => {
  for (const query of [{}, { unitIds: [1] }, { caregiverIds: everyone }]) {
    const plans = await plansOf(reportTable({ scope: everybody, ...query, range }, api.service.calendar));
    expect(plans.length).toBeGreaterThan(3);
    // Only the first page of each of the three parts, the cut months and what lies between, has no cursor.
    const key =
      /SEARCH r USING (COVERING )?INDEX monthly_rollup_month \(\(month,caregiver_id,currency\)>\(\?,\?,\?\)/;
    expect(plans.filter((plan) => !plan.some((step) => key.test(step))).length).toBeLessThanOrEqual(3);
    for (const steps of plans) {
      for (const step of steps.filter((step) => / e( |$)/.test(step))) {
        expect(step).toMatch(/^SEARCH e USING PRIMARY KEY \(caregiver_id=\?/);
      }
    }
  }
});

test.each(ranges)(
  'every page of the events of %s is read from the key of the table',
  async (_what, range) => {
    for (const query of [{}, { unitIds: [1] }, { caregiverIds: [1, 2, 3] }]) {
      const plans = await plansOf(eventTable({ scope: everybody, ...query, range, deleted: false }));
      for (const steps of plans) {
        const reads = steps.filter((step) => /^(SCAN|SEARCH) (e|event) USING/.test(step));
        expect(reads).toHaveLength(1);
        expect(reads[0]).toMatch(/^SEARCH e USING PRIMARY KEY \(caregiver_id=\?/);
        expect(steps.filter((step) => step.includes('caregiver_unit'))).toEqual([]);
        // The one sort there is looks for the last row of a page.
        expect(steps.filter((step) => step.includes('TEMP B-TREE')).length).toBeLessThanOrEqual(1);
      }
    }
  },
);
