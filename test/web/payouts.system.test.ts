import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import type { Page } from 'playwright-core';
import { eventually } from '../export/wideReport';
import {
  createCaregiver,
  createEventType,
  createUnit,
  noonMs,
  pay,
  readReport,
  registerPast,
} from '../support/fixtures';
import { looks, pagesForTests, seriousViolations, walk } from './browser';

describe('the payouts page, in a real browser', () => {
  const pages = pagesForTests();
  const accountant = { role: 'ACCOUNTANT' as const, name: 'Olle' };
  const people = { anna: '', bo: '', cleo: '' };
  const types = { visit: '', travel: '' };
  const months = ['2026-01', '2026-02', '2026-03'];

  beforeAll(async () => {
    const { api } = pages;
    if (!api) return;
    api.setNow(noonMs);
    const unitId = await createUnit(api, { name: 'North' });
    people.anna = await createCaregiver(api, { name: 'Anna Ek', unitId });
    people.bo = await createCaregiver(api, { name: 'Bo Alm', unitId });
    // What somebody has typed to be taken for a formula.
    people.cleo = await createCaregiver(api, { name: '=HYPERLINK("x")' });
    types.visit = await createEventType(api, { name: 'Home visit', amount: 12_345 });
    types.travel = await createEventType(api, { name: 'Travel, long', amount: 700, currency: 'EUR' });
    for (const month of months) {
      for (const caregiverId of Object.values(people)) {
        await register(caregiverId, types.visit, `${month}-05T12:00:00Z`);
        await register(caregiverId, types.visit, `${month}-06T12:00:00Z`);
      }
      await register(people.anna, types.travel, `${month}-05T13:00:00Z`);
    }
  });

  const register = (caregiverId: string, eventTypeId: string, occurredAt: string) =>
    registerPast(pages.api, [{ caregiverId, eventTypeId, occurredAt }]);
  /** What the API says is owed, as "amount currency (events)". */
  async function owed(filter: object): Promise<string[]> {
    const { totals } = await readReport(pages.api, filter);
    return totals
      .filter(({ unreimbursed }) => unreimbursed.events > 0)
      .map(({ currency, unreimbursed: { amount, events } }) => `${amount} ${currency} ${events}`);
  }
  const row = (page: Page, name: string, month: string) => page.getByLabel(`${name}, ${month}`).first();
  const dialog = (page: Page) => page.getByRole('dialog');
  const expectRows = (page: Page, count: number) =>
    eventually(async () => expect(await table(page).locator('tbody tr').count()).toBe(count));
  const table = (page: Page) => page.getByRole('table', { name: 'Owed' });
  /** The exact amounts that a part of the page shows, in minor units. */
  const amountsIn = (page: Page, selector: string) =>
    page
      .locator(`${selector} data`)
      .evaluateAll((all) => all.map((one) => Number(one.getAttribute('value'))));

  walk('shows what is owed, and no more than that', async () => {
    const page = await pages.open('/payouts', { as: accountant });
    await table(page).waitFor();
    const { rows, totals } = await readReport(pages.api);
    expect(await table(page).locator('tbody tr').count()).toBe(rows.length);
    for (const { unreimbursed, currency } of totals) {
      const card = page.getByText(`Total owed, ${currency}`).locator('..');
      expect(await card.locator('data').first().getAttribute('value')).toBe(String(unreimbursed.amount));
      await card.getByText(`${unreimbursed.events} events`).waitFor();
    }
    await page.getByRole('combobox', { name: 'Caregiver' }).fill('bo a');
    await page.getByRole('option', { name: /Bo Alm/ }).click();
    await expectRows(page, 3);
    await page.getByRole('combobox', { name: 'Month' }).click();
    await page.getByRole('option', { name: 'Feb 2026' }).click();
    await expectRows(page, 1);
    expect(await table(page).locator('tbody tr').textContent()).toMatch(/Feb 2026.*Bo Alm.*North/);
  });

  walk('pays chosen months, by keyboard: one payout each, of just what was shown', async () => {
    const page = await pages.open('/payouts', { as: accountant });
    await table(page).waitFor();
    await row(page, 'Anna Ek', 'Jan 2026').focus();
    await page.keyboard.press('Space');
    // All currencies of a month are paid together.
    expect(await table(page).getByRole('checkbox', { checked: true }).count()).toBe(2);
    await row(page, 'Anna Ek', 'Feb 2026').check();
    await row(page, 'Bo Alm', 'Feb 2026').check();
    await page.getByText('3 rows selected').waitFor();
    const expected = [
      ...(await owed({ caregiverIds: [people.anna], fromMonth: '2026-01', toMonth: '2026-01' })),
      ...(await owed({ caregiverIds: [people.anna, people.bo], fromMonth: '2026-02', toMonth: '2026-02' })),
    ];
    expect(expected).toEqual(['700 EUR 1', '24690 SEK 2', '700 EUR 1', '49380 SEK 4']);
    const before = await owed({});
    await page.getByRole('button', { name: 'Add up and pay' }).click();
    await dialog(page).getByText('This makes 2 payouts').waitFor();
    const cells = await dialog(page)
      .locator('tbody tr')
      .evaluateAll((rows) =>
        rows.map((line) => [...line.querySelectorAll('data')].map((data) => Number(data.value))),
      );
    // Caregivers, events, and the sum of each currency.
    expect(cells).toEqual([
      [1, 3, 700, 24_690],
      [2, 5, 700, 49_380],
    ]);
    expect(await amountsIn(page, '[role=dialog] tfoot')).toEqual([8, 1_400, 74_070]);
    const button = dialog(page).getByRole('button', { name: /^Pay / });
    expect(await button.textContent()).toBe('Pay €14.00 + SEK 740.70'.replace('SEK ', 'SEK\u00a0'));
    await button.dblclick();
    await dialog(page).getByText('Jan 2026: paid, payout 1').waitFor();
    await dialog(page).getByText('Feb 2026: paid, payout 2').waitFor();
    expect(await dialog(page).getByText('The amount shown before').count()).toBe(0);
    const { payouts } = await pages.api.data(
      '{ payouts { nodes { createdBy totals { currency amount events } } } }',
    );
    expect(payouts.nodes).toEqual([
      {
        createdBy: 'Olle',
        totals: [
          { currency: 'EUR', amount: 700, events: 1 },
          { currency: 'SEK', amount: 49_380, events: 4 },
        ],
      },
      {
        createdBy: 'Olle',
        totals: [
          { currency: 'EUR', amount: 700, events: 1 },
          { currency: 'SEK', amount: 24_690, events: 2 },
        ],
      },
    ]);
    await dialog(page).getByRole('button', { name: 'Close' }).last().click();
    await expectRows(page, 7);
    expect(before).not.toEqual(await owed({}));
    await page.getByText('0 rows selected').waitFor();
  });

  walk('tells what was paid meanwhile by somebody else, and what it really paid', async () => {
    const page = await pages.open('/payouts', { as: accountant });
    await page.getByRole('button', { name: 'All months of Bo Alm' }).first().click();
    await row(page, 'Anna Ek', 'Mar 2026').check();
    await page.getByText('1 row selected, all months of 1 caregiver').waitFor();
    await page.getByRole('button', { name: 'Add up and pay' }).click();
    await dialog(page).getByText('All months (Jan 2026 – Mar 2026)').waitFor();
    const [visit] = (
      await pages.api.data(
        'query ($ids: [ID!]) { events(filter: { caregiverIds: $ids, fromMonth: "2026-01", toMonth: "2026-01" }) { nodes { id } } }',
        { ids: [people.bo] },
      )
    ).events.nodes;
    await pay(pages.api, { eventIds: [visit.id] });
    await pay(pages.api, { caregiverIds: [people.anna], fromMonth: '2026-03', toMonth: '2026-03' });
    await dialog(page).getByRole('button', { name: /^Pay / }).click();
    await dialog(page).getByText('Mar 2026: not paid').waitFor();
    await dialog(page)
      .getByText('There is nothing left to pay here. It may have been paid already.')
      .waitFor();
    await dialog(page).getByText('All months: paid, payout 5').waitFor();
    await dialog(page).getByText('SEK 370.35 (3 events)').first().waitFor();
    await dialog(page).getByText('The amount shown before was SEK 493.80 (4 events).').waitFor();
  });

  walk('opens a past payout with its events, and saves them with the same sum', async () => {
    const page = await pages.open('/payouts?tab=past', { as: accountant });
    await page.getByRole('button', { name: 'Open payout 2' }).click();
    const events = dialog(page).getByRole('table', { name: 'Events that were paid' });
    await events.waitFor();
    expect(await events.locator('tbody tr').count()).toBe(5);
    expect(await events.locator('tbody').textContent()).toContain('Travel, long');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      dialog(page).getByRole('button', { name: 'Save as CSV' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('payout-2.csv');
    const rows: Record<string, string>[] = parse(readFileSync(await download.path()), { columns: true });
    const sums = new Map<string, number>();
    for (const { currency = '', amount, payout } of rows) {
      expect(payout).toBe('2');
      sums.set(currency, (sums.get(currency) ?? 0) + Number(amount));
    }
    const { payout } = await pages.api.data(
      '{ payout(id: "2") { totals { currency amount } events { nodes { id } } } }',
    );
    expect([...sums].sort().map(([currency, amount]) => ({ currency, amount }))).toEqual(payout.totals);
    expect(rows.map(({ id }) => ({ id }))).toEqual(payout.events.nodes);
  });

  walk('makes text that begins like a formula harmless in what it saves', async () => {
    const { id } = await pay(pages.api, { caregiverIds: [people.cleo], toMonth: '2026-01' });
    const page = await pages.open('/payouts?tab=past', { as: accountant });
    await page.getByRole('button', { name: `Open payout ${id}` }).click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      dialog(page).getByRole('button', { name: 'Save as CSV' }).click(),
    ]);
    const rows: Record<string, string>[] = parse(readFileSync(await download.path()), { columns: true });
    expect(rows.map(({ caregiver_name }) => caregiver_name)).toEqual([
      `'=HYPERLINK("x")`,
      `'=HYPERLINK("x")`,
    ]);
  });

  walk('follows what others do, until it is paused or touched', async () => {
    const page = await pages.open('/payouts', { as: accountant });
    await table(page).waitFor();
    const count = () => table(page).locator('tbody tr').count();
    const before = await count();
    await register(people.bo, types.visit, '2025-11-05T12:00:00Z');
    await expectRows(page, before + 1);
    await row(page, 'Bo Alm', 'Nov 2025').check();
    await page.getByText('Paused').waitFor();
    await pay(pages.api, { caregiverIds: [people.bo], toMonth: '2025-11' });
    await page.waitForTimeout(1_500);
    expect(await count()).toBe(before + 1);
    await page.getByRole('switch', { name: 'Paused' }).click();
    await expectRows(page, before);
  });

  walk('stops following while a payout is open, and goes on when it is closed', async () => {
    let nowMs = noonMs;
    const payAgain = async () => {
      // What is told again holds the time, and nothing else that changes.
      nowMs += 1_000;
      pages.api.setNow(nowMs);
      await register(people.bo, types.visit, '2025-07-05T12:00:00Z');
      return (await pay(pages.api, { caregiverIds: [people.bo], toMonth: '2025-07' })).id;
    };
    const first = await payAgain();
    const page = await pages.open('/payouts?tab=past', { as: accountant });
    const live = page.getByRole('switch', { name: 'Live' });
    const open = page.getByRole('button', { name: `Open payout ${first}` });
    for (const press of [() => open.click(), () => open.press('Enter')]) {
      await press();
      await dialog(page).getByRole('table').waitFor();
      await page.getByRole('switch', { name: 'Paused', includeHidden: true }).waitFor();
      await page.keyboard.press('Escape');
      await live.waitFor();
      await page.getByRole('button', { name: `Open payout ${await payAgain()}` }).waitFor();
    }
    // What somebody has turned off stays off.
    await live.click({ force: true });
    await open.click();
    await dialog(page).getByRole('table').waitFor();
    await page.keyboard.press('Escape');
    await dialog(page).waitFor({ state: 'detached' });
    await page.getByRole('switch', { name: 'Paused' }).waitFor();
  });

  walk.each(looks)('takes the first press for the row that it began on: %s', async (_name, look) => {
    const other = await pages.open('/payouts', { as: accountant });
    await table(other).waitFor();
    const page = await pages.open('/payouts', { as: accountant, ...look });
    await table(page).waitFor();
    const box = row(page, '=HYPERLINK("x")', 'Mar 2026');
    const place = async () => JSON.stringify(await box.boundingBox());
    await box.hover();
    const before = await place();
    await page.mouse.down();
    expect(await place()).toBe(before);
    // Another page shows that what somebody else did has come; here it would push the rows down.
    await register(people.bo, types.visit, '2025-10-05T12:00:00Z');
    await row(other, 'Bo Alm', 'Oct 2025').waitFor();
    expect(await row(page, 'Bo Alm', 'Oct 2025').count()).toBe(0);
    expect(await place()).toBe(before);
    await page.mouse.up();
    await page.getByText('1 row selected').waitFor();
    expect(await box.isChecked()).toBe(true);
    expect(await place()).toBe(before);
    await page.getByText('Paused').waitFor();
    await pay(pages.api, { caregiverIds: [people.bo], toMonth: '2025-10' });
  });

  walk('shows what came while somebody pressed once they let go elsewhere', async () => {
    const page = await pages.open('/payouts', { as: accountant });
    await table(page).waitFor();
    await page.getByRole('columnheader', { name: 'Month' }).hover();
    await page.mouse.down();
    await register(people.bo, types.visit, '2025-08-05T12:00:00Z');
    await page.mouse.move(2, 2);
    await page.mouse.up();
    await row(page, 'Bo Alm', 'Aug 2025').waitFor();
    expect(await page.getByRole('switch', { name: 'Live' }).isChecked()).toBe(true);
    await pay(pages.api, { caregiverIds: [people.bo], toMonth: '2025-08' });
  });

  walk.each(looks)('moves nothing when it is paused, or goes on: %s', async (_name, look) => {
    const page = await pages.open('/payouts', { as: accountant, locale: 'sv-SE', ...look });
    const sum = page.locator('table data:visible').first();
    await sum.waitFor();
    const place = async () => JSON.stringify([await sum.boundingBox(), await label.boundingBox()]);
    const label = page.locator('label', { hasText: 'Pausad' });
    const before = await place();
    await page.getByRole('switch', { name: 'Live' }).click({ force: true });
    await page.getByRole('switch', { name: 'Pausad' }).waitFor();
    expect(await place()).toBe(before);
  });

  walk('is not for a caregiver, whom the API refuses as well', async () => {
    const caregiver = { role: 'CAREGIVER' as const, name: 'Anna', caregiverId: Number(people.anna) };
    const page = await pages.open('/payouts', { as: caregiver });
    await page.getByRole('heading', { level: 1, name: 'This page is not for you' }).waitFor();
    expect(await page.getByRole('link', { name: 'Payouts' }).count()).toBe(0);
    expect(await page.getByRole('button', { name: 'Add up and pay' }).count()).toBe(0);
    const asked = await pages.api.as(caregiver);
    for (const operation of [
      '{ payouts { nodes { id } } }',
      `mutation { reimburseEvents(input: { caregiverIds: ["${people.anna}"], toMonth: "2026-03" }) { id } }`,
    ]) {
      expect((await asked.failure(operation)).extensions?.code).toBe('FORBIDDEN');
    }
  });

  walk.each(looks)('hinders nobody who pays: %s', async (_name, look) => {
    const page = await pages.open('/payouts', { as: accountant, ...look, locale: 'sv-SE' });
    await page
      .getByRole('checkbox', { name: /HYPERLINK/ })
      .first()
      .check();
    expect(await seriousViolations(page)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    await page.getByRole('button', { name: 'Summera och betala' }).click();
    await page.getByText('Det blir 1 utbetalning').waitFor();
    expect(await seriousViolations(page)).toEqual([]);
  });

  walk.each(looks)('hinders nobody who looks at what was paid: %s', async (_name, look) => {
    const page = await pages.open('/payouts?tab=past', { as: accountant, ...look, locale: 'sv-SE' });
    await page.getByRole('button', { name: 'Öppna utbetalning 2' }).click();
    await page.getByRole('table', { name: 'Betalda händelser' }).waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    // A date is not broken into pieces.
    const lines = await page
      .locator('time:visible')
      .evaluateAll((times) =>
        times.map((time) => new Set([...time.getClientRects()].map(({ y }) => y)).size),
      );
    expect(Math.max(...lines)).toBeLessThanOrEqual(2);
  });
});
