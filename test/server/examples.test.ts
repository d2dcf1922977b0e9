import { loadSample } from '../../seed/loadSample';
import { examples } from '../../src/web/playground/examples';
import { connect } from '../support/live';
import { startTestService } from '../support/testService';

// A day in the middle of a quarter; the first minutes of a year; a leap day; the day that summer time begins.
test.each(['2026-05-20T09:30:00Z', '2025-12-31T23:05:00Z', '2028-02-29T12:00:00Z', '2026-03-29T01:30:00Z'])(
  'on %s every example of the playground has something to show',
  async (now) => {
    const api = await startTestService();
    api.setNow(Date.parse(now));
    expect(await loadSample(api.service)).toMatch(/^sample data: 40 caregivers, \d+ events of three years$/);

    const shown: Record<string, number> = {};
    for (const { title, query, variables } of examples(new Date(now))) {
      const data = /^subscription/m.test(query)
        ? (await (await connect(api)).subscribe(query, variables).next()).data
        : await api.data(query, variables);
      shown[title] = data.report?.rows.nodes.length ?? data.events?.nodes.length ?? Object.keys(data).length;
      if (data.reportChanged) expect(data.reportChanged.totals[0].unreimbursed.events).toBeGreaterThan(0);
      if (data.report) expect(data.report.totals[0].total.events).toBeGreaterThan(0);
      if (data.registerEvent) expect(data.registerEvent.replayed).toBe(false);
    }
    expect(shown).toEqual({
      'Register an event': 1,
      'Report of a quarter': 20,
      'Report of chosen caregivers': 9,
      Paging: 10,
      Live: 1,
      'Find caregivers and event types': 2,
    });
    await api.close();
  },
);
