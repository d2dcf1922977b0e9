import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import type { Page } from 'playwright-core';
import {
  createCaregiver,
  createCaregivers,
  createEventType,
  createUnit,
  noonMs,
  pay,
  register,
  registerPast,
  remove,
} from '../support/fixtures';
import { unzip } from '../support/unzip';
import { looks, pagesForTests, seriousViolations, walk } from './browser';

const analyst = { role: 'ANALYST', name: 'Ada' } as const;
const quarter = '/report?from=2026-01-01&to=2026-03-31';

describe('the report page, in a real browser', () => {
  const pages = pagesForTests();
  /** Anna and Bo work in the north, Cleo in the south; each visit is worth 100.50. */
  const people = {} as Record<'anna' | 'bo' | 'cleo' | 'north' | 'visit', string>;

  beforeAll(async () => {
    const { api } = pages;
    if (!api) return;
    api.setNow(noonMs);
    people.north = await createUnit(api, { name: 'North' });
    const south = await createUnit(api, { name: 'South' });
    people.anna = await createCaregiver(api, { name: 'Anna, the first', unitId: people.north });
    people.bo = await createCaregiver(api, { name: 'Bo', unitId: people.north });
    people.cleo = await createCaregiver(api, { name: 'Cleo', unitId: south });
    people.visit = await createEventType(api, { name: 'Visit', amount: 10_050, currency: 'SEK' });
    const others = await createCaregivers(api, 55);
    const visits = [
      ...many(2, people.anna, '2026-01-10'),
      ...many(3, people.anna, '2026-02-10'),
      ...many(1, people.bo, '2026-02-11'),
      ...many(4, people.cleo, '2026-02-12'),
      ...others.flatMap((id) => many(1, id, '2026-03-01')),
    ];
    await registerPast(api, visits);
    await pay(api, { caregiverIds: [people.anna], toMonth: '2026-01' });
    const odd = await createCaregiver(api, { name: '=SUM(A1) _x0041_;=2', externalId: '-7' });
    const inForints = await createEventType(api, {
      name: 'Visit in Hungary',
      amount: 1_234,
      currency: 'HUF',
    });
    await registerPast(api, [
      ...many(1, odd, '2025-11-01'),
      ...many(1, odd, '2025-11-02').map((visit) => ({ ...visit, eventTypeId: inForints })),
    ]);
    const abroad = await createEventType(api, { name: 'Visit abroad', amount: 7_000, currency: 'USD' });
    await registerPast(api, [
      ...many(1, people.cleo, '2025-12-01'),
      ...many(2, people.cleo, '2025-12-02').map((visit) => ({ ...visit, eventTypeId: abroad })),
    ]);
  });

  function many(count: number, caregiverId: string, day: string) {
    return Array.from({ length: count }, (_, index) => ({
      caregiverId,
      eventTypeId: people.visit,
      occurredAt: `${day}T08:${String(index).padStart(2, '0')}:00Z`,
    }));
  }

  walk(
    'an analyst narrows it, follows a bar to its events, passes the link on and saves what is shown',
    async () => {
      const page = await openReport(quarter);
      expect(await total(page)).toBe(65 * 10_050);

      await page.getByRole('combobox', { name: 'Caregivers' }).fill('anna');
      await page.getByRole('option', { name: 'Anna, the first' }).click();
      await totalBecomes(page, 5 * 10_050);
      await page.keyboard.press('Escape');

      await pressRightmostBar(page);
      const events = page.getByRole('dialog', { name: 'Events of Feb 2026' });
      await events.getByRole('row').nth(3).waitFor();
      expect(await events.getByRole('row').allTextContents()).toEqual([
        'TimeCaregiverEvent typeAmountReimbursed',
        ...Array(3).fill(expect.stringMatching(/^10 Feb 2026, 09:0\d.*Anna, the first.*100\.50no$/)),
      ]);
      await page.keyboard.press('Escape');

      const { pathname, search } = new URL(page.url());
      const other = await openReport(pathname + search);
      await totalBecomes(other, 5 * 10_050);
      expect(await other.getByText('Anna, the first').count()).toBeGreaterThan(0);

      const csv = (await save(other, 'All rows as CSV')).toString();
      const rows = parse(csv, { columns: true }) as { caregiver: string; total_amount: string }[];
      expect(rows.map(({ caregiver }) => caregiver)).toEqual(['Anna, the first', 'Anna, the first']);
      expect(rows.reduce((sum, row) => sum + Number(row.total_amount), 0)).toBe(await total(other));
    },
  );

  walk('saves a workbook and a picture of the chart', async () => {
    const page = await openReport(quarter);
    const workbook = await save(page, 'All rows as XLSX');
    expect(workbook.subarray(0, 2).toString()).toBe('PK');
    expect(workbook.includes('xl/worksheets/sheet1.xml')).toBe(true);
    const picture = await save(page, 'The chart as PNG');
    expect(picture.subarray(1, 4).toString()).toBe('PNG');
    expect(picture.length).toBeGreaterThan(2_000);
  });

  walk('saves a workbook whose cells say what the page says', async () => {
    const page = await openReport('/report?from=2025-11-01&to=2025-11-30');
    const files = unzip(await save(page, 'All rows as XLSX'));
    const texts = files.get('xl/sharedStrings.xml') ?? '';
    // No apostrophe of the CSV; and Excel reads _x0041_ as A, unless its underscore is written as a number itself.
    expect(texts).toContain('>=SUM(A1) _x005F_x0041_;=2<');
    expect(texts).toContain('>-7<');
    expect(texts).not.toContain("'");
    const sheet = files.get('xl/worksheets/sheet1.xml') ?? '';
    expect(sheet).toContain('<v>100.5</v>');
    // Forints have two decimals in ISO 4217, and none in Intl.
    expect(sheet).toContain('<v>12.34</v>');
  });

  walk.each(looks)('saves CSV as a spreadsheet wants it: %s', async (_name, look) => {
    const page = await openReport('/report?from=2025-11-01&to=2025-11-30', { ...look, locale: 'sv-SE' });
    await page.getByRole('button', { name: 'Spara' }).click();
    await page.getByRole('menuitem', { name: 'CSV för kalkylprogram' }).click();
    const dialog = page.getByRole('dialog', { name: 'CSV för kalkylprogram' });
    expect(await seriousViolations(page)).toEqual([]);
    const saveIn = async () => {
      const saved = page.waitForEvent('download');
      await dialog.getByRole('button', { name: 'Spara' }).click();
      return readFileSync(await (await saved).path()).toString('utf8');
    };
    const inKronor = await saveIn();
    expect(inKronor.split('\r\n')[0]).toMatch(/^\ufeffmonth;caregiver_id;/);
    expect(inKronor).toContain(";'-7;\"'=SUM(A1) _x0041_;'=2\";;SEK;0,00;0;100,50;1;100,50;1\r\n");
    expect(inKronor).toContain(';HUF;0,00;0;12,34;1;12,34;1\r\n');

    await page.getByRole('button', { name: 'Spara' }).click();
    await page.getByRole('menuitem', { name: 'CSV för kalkylprogram' }).click();
    await dialog.getByLabel('Komma').check();
    await dialog.getByLabel(/^I öre/).check();
    await dialog.getByLabel('Byteordningsmärke').uncheck();
    const inOre = await saveIn();
    expect(inOre).toMatch(/^month,caregiver_id,/);
    expect(inOre).toContain(",'-7,'=SUM(A1) _x0041_;'=2,,SEK,0,0,10050,1,10050,1\r\n");
  });

  walk('shows the events of chosen units, of a month and of a caregiver', async () => {
    const page = await openReport(`${quarter}&unitIds=${people.north}`);
    expect(await total(page)).toBe(6 * 10_050);
    await page.getByText('The months as a table').click();
    await page.getByRole('table', { name: 'By month' }).getByTitle('Events of Feb 2026').first().click();
    await expectEvents(page, 'Events of Feb 2026', 4);
    await page
      .getByRole('table', { name: 'By caregiver and month' })
      .getByTitle('Events of Feb 2026, Bo')
      .first()
      .click();
    await expectEvents(page, 'Events of Feb 2026, Bo', 1);
  });

  walk('takes dates that are typed, and nothing that is half typed', async () => {
    const page = await openReport(quarter);
    const ranges = new Set([rangeOf(page)]);
    page.on('framenavigated', () => ranges.add(rangeOf(page)));
    const from = page.getByLabel('From');
    await from.focus();
    await page.keyboard.type('0');
    await page.getByLabel('Up to and including').focus();
    expect(await from.inputValue()).toBe('2026-01-01');
    await from.focus();
    // Day and month, or month and day, as the browser has them.
    await page.keyboard.type('02022026');
    await totalBecomes(page, 63 * 10_050);
    expect([...ranges]).toEqual([
      '2026-01-01 2026-03-31',
      expect.stringMatching(/^2026-0(1-02|2-01) 2026-03-31$/),
      '2026-02-02 2026-03-31',
    ]);
    expect(await page.getByLabel('Range').inputValue()).toBe('anyDays');

    await from.fill('1850-02-10');
    await page.getByText('Choose a day from 1 Jan 1900 to 31 Dec 2200').waitFor();
    // The sentence goes, and what is pressed stays where it is.
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('menuitem', { name: 'All rows as CSV' }).waitFor();
    expect(rangeOf(page)).toBe('2026-02-02 2026-03-31');
  });

  walk('moves the other end of the range where one would be beyond it', async () => {
    const page = await openReport(quarter);
    const [from, to] = [page.getByLabel('From'), page.getByLabel('Up to and including')];
    await to.fill('2025-12-01');
    await totalBecomes(page, 10_050);
    expect(rangeOf(page)).toBe('2025-12-01 2025-12-01');
    // Whoever has not left the field is still typing.
    await to.fill('2026-02-28');
    await totalBecomes(page, 10 * 10_050);
    expect(rangeOf(page)).toBe('2026-01-01 2026-02-28');
    await from.fill('2026-03-01');
    await totalBecomes(page, 55 * 10_050);
    expect(rangeOf(page)).toBe('2026-03-01 2026-03-01');
  });

  walk('tells people of one name apart, and takes external ids and lists of them', async () => {
    const { api } = pages;
    const annas: string[] = [];
    for (const externalId of ['HSA-1', 'HSA-2', null]) {
      annas.push(await createCaregiver(api, { name: 'Anna Andersson', externalId, unitId: people.north }));
    }
    const page = await openReport('/report?from=2025-12-01&to=2025-12-31');
    const field = page.getByRole('combobox', { name: 'Caregivers' });
    const options = page.getByRole('listbox').getByRole('option');
    const labels = [
      `Anna Andersson (North, HSA-1, ${annas[0]})`,
      `Anna Andersson (North, HSA-2, ${annas[1]})`,
      `Anna Andersson (North, ${annas[2]})`,
    ];
    await field.fill('anna andersson');
    await options.nth(2).waitFor();
    expect(await options.allTextContents()).toEqual(labels);
    await field.fill('HSA-2');
    await page.getByRole('option', { name: labels[1] as string }).waitFor();
    expect(await options.count()).toBe(1);
    await field.fill(annas[2] as string);
    await page.getByRole('option', { name: labels[2] as string }).click();

    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.evaluate(
      `navigator.clipboard.writeText('HSA-2\\r\\nHSA-1\\r\\nHSA-9\\r\\n${people.bo}\\r\\n')`,
    );
    await field.press('Control+V');
    await page.getByText('Not found: HSA-9').waitFor();
    const chosen = new URL(page.url()).searchParams.get('caregiverIds');
    expect(chosen).toBe([annas[2], annas[1], annas[0], people.bo].join());
    for (const label of labels) await page.getByText(label).waitFor();
  });

  walk('never adds currencies together', async () => {
    const page = await openReport('/report?from=2025-12-01&to=2025-12-31');
    expect(await total(page)).toBe(10_050);
    await page.locator('[data-total="USD total"] data[value="14000"]').first().waitFor();
    await page.getByText('USD', { exact: true }).click();
    await page.getByRole('img', { name: /^Reimbursed and unreimbursed by month, in USD/ }).waitFor();
  });

  walk('loads a page at a time, sorts it, and shows the columns that are chosen', async () => {
    const page = await openReport(quarter);
    const table = page.getByRole('table', { name: 'By caregiver and month' });
    const rows = table.locator('tbody tr');
    expect(await rows.count()).toBe(50);
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByText('Page 2').waitFor();
    await page.getByRole('switch', { name: 'Paused' }).waitFor();
    await table.locator('tbody tr:nth-child(9)').waitFor();
    await table.locator('tbody tr:nth-child(50)').waitFor({ state: 'detached' });
    expect(await rows.count()).toBe(9);
    await page.getByRole('button', { name: 'Back' }).click();
    await page.getByRole('switch', { name: 'Live' }).waitFor();

    await table.getByRole('button', { name: 'Total' }).click();
    await table.getByRole('button', { name: 'Total' }).click();
    await table.locator('th[aria-sort=descending]').waitFor();
    expect(await rows.first().textContent()).toContain('Cleo');
    await page.getByRole('button', { name: 'Columns' }).click();
    await page.getByRole('menuitemcheckbox', { name: 'Unit' }).click();
    await page.keyboard.press('Escape');
    expect(await table.getByRole('columnheader').allTextContents()).not.toContain('Unit');
    expect(new URL(page.url()).searchParams.get('sort')).toBe('-totalAmount');
  });

  walk('follows changes, deletions too, until somebody pauses it or touches the table', async () => {
    const { api } = pages;
    const page = await openReport(`${quarter}&caregiverIds=${people.bo}`);
    const registerVisit = async (minute: number) =>
      (
        await register(api, {
          caregiverId: people.bo,
          eventTypeId: people.visit,
          occurredAt: `2026-03-10T11:${minute}:00Z`,
        })
      ).event.id;
    const id = await registerVisit(10);
    await totalBecomes(page, 2 * 10_050);
    await remove(api, id);
    await totalBecomes(page, 10_050);
    await page.getByText('1 event', { exact: true }).first().waitFor();

    await page.getByRole('columnheader', { name: 'Month' }).click({ position: { x: 2, y: 2 } });
    await page.getByText('Paused').waitFor();
    const another = await registerVisit(11);
    // Long enough for what is followed to have come.
    await page.waitForTimeout(1_500);
    expect(await total(page)).toBe(10_050);
    await page.getByRole('switch').click({ force: true });
    await totalBecomes(page, 2 * 10_050);
    await remove(api, another);
    await totalBecomes(page, 10_050);
  });

  walk('asks again when the token has ended, and keeps the address', async () => {
    const { api } = pages;
    const page = await openReport(`${quarter}&caregiverIds=${people.bo}`);
    const { tokenId } = JSON.parse(
      await page.evaluate<string>(`fetch('/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: 'Bearer ' + sessionStorage['caretally:token'] },
        body: '{"query":"{ viewer { tokenId } }"}',
      }).then((response) => response.json()).then(({ data }) => JSON.stringify(data.viewer))`),
    );
    await api.data('mutation ($id: ID!) { revokeToken(id: $id) { id } }', { id: tokenId });
    await page.getByLabel('Range').selectOption('This year');
    await page.getByText('Your sign-in has ended.').waitFor();
    expect(new URL(page.url()).searchParams.get('caregiverIds')).toBe(people.bo);
    // The browser itself reports an answer of 401.
    expect(pages.takeProblems()).toEqual([expect.stringContaining('401')]);
  });

  walk.each(looks)('hinders nobody, %s', async (_name, look) => {
    const page = await openReport(`${quarter}&unitIds=${people.north}`, look);
    await page.getByText('The months as a table').click();
    expect(await seriousViolations(page)).toEqual([]);
    await page.getByTitle('Events of Feb 2026').first().click();
    await page.getByRole('dialog').getByRole('row').nth(1).waitFor();
    expect(await seriousViolations(page)).toEqual([]);
  });

  async function openReport(path: string, options: object = {}): Promise<Page> {
    const page = await pages.open(path, { as: analyst, ...options });
    await page.locator('[data-total="SEK total"]').waitFor();
    return page;
  }

  async function total(page: Page): Promise<number> {
    return Number(await page.locator('[data-total="SEK total"] data').first().getAttribute('value'));
  }

  /** The range that stands in the address. */
  function rangeOf(page: Page): string {
    const { searchParams } = new URL(page.url());
    return `${searchParams.get('from')} ${searchParams.get('to')}`;
  }

  async function totalBecomes(page: Page, amountMinor: number): Promise<void> {
    await page.locator(`[data-total="SEK total"] data[value="${amountMinor}"]`).first().waitFor();
  }

  /** Moves over the chart from the right until the cursor says that there is something to press. */
  async function pressRightmostBar(page: Page): Promise<void> {
    const canvas = page.locator('canvas');
    await canvas.scrollIntoViewIfNeeded();
    const box = await canvas.boundingBox();
    if (!box) throw new Error('the chart is not shown');
    for (let x = box.width - 5; x > 0; x -= 10) {
      await page.mouse.move(box.x + x, box.y + box.height / 2);
      await page.evaluate('new Promise(requestAnimationFrame)');
      if ((await canvas.evaluate((element) => element.style.cursor)) !== 'pointer') continue;
      return page.mouse.click(box.x + x, box.y + box.height / 2);
    }
    throw new Error('the chart has no bar');
  }

  async function save(page: Page, item: string): Promise<Buffer> {
    const saved = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('menuitem', { name: item }).click();
    return readFileSync(await (await saved).path());
  }

  async function expectEvents(page: Page, name: string, count: number): Promise<void> {
    const events = page.getByRole('dialog', { name, exact: true });
    await events.getByRole('row').nth(count).waitFor();
    expect(await events.getByRole('row').count()).toBe(1 + count);
    await page.keyboard.press('Escape');
    await events.waitFor({ state: 'detached' });
  }
});
