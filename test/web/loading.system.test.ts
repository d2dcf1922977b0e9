import type { Page } from 'playwright-core';
import {
  createCaregivers,
  createEventType,
  createUnit,
  noonMs,
  pay,
  registerPast,
} from '../support/fixtures';
import { pagesForTests, walk } from './browser';

interface Part {
  path: string;
  /** What loads it. */
  operation: string;
  /** Leads to where it is, where the address alone does not. */
  open?: (page: Page) => Promise<void>;
  /** Asks for other figures. */
  change?: (page: Page) => Promise<void>;
  /** What stands there before, and not after. */
  before: string;
}

const goOn = (page: Page) => page.getByRole('button', { name: 'Next' }).click();
const choose = async (page: Page, label: string, option: string) => {
  await page.getByRole('combobox', { name: label }).click();
  await page.getByRole('option', { name: option, exact: true }).click();
};

const parts: [name: string, part: Part][] = [
  [
    'the report',
    {
      path: '/report?from=2026-01-01&to=2026-02-28',
      operation: 'Report',
      change: (page) => page.getByLabel('From').fill('2026-02-01'),
      before: '52 events',
    },
  ],
  [
    'the events of a report',
    {
      path: '/report?from=2026-01-01&to=2026-02-28',
      operation: 'EventsOfReport',
      open: async (page) => {
        await page.getByText('The months as a table').click();
        await page.getByTitle('Events of Jan 2026').first().click();
      },
      change: goOn,
      before: '1 Jan 2026, 13:25',
    },
  ],
  [
    'what is owed',
    {
      path: '/payouts',
      operation: 'Owed',
      change: (page) => choose(page, 'Month', 'Feb 2026'),
      before: '52 events',
    },
  ],
  ['past payouts', { path: '/payouts?tab=past', operation: 'Payouts', change: goOn, before: 'SEK 21.00' }],
  [
    'a payout',
    {
      path: '/payouts?tab=past',
      operation: 'PayoutEvents',
      open: (page) => page.getByRole('button', { name: 'Open payout 21' }).click(),
      before: '1 Dec 2025',
    },
  ],
  [
    'caregivers',
    {
      path: '/admin?tab=caregivers',
      operation: 'AdminCaregivers',
      change: (page) => page.getByLabel('Search by name').fill('nobody'),
      before: 'Change',
    },
  ],
  [
    'units',
    { path: '/admin?tab=units', operation: 'AdminUnits', change: goOn, before: 'Unit of the first page' },
  ],
  [
    'event types',
    {
      path: '/admin?tab=eventTypes',
      operation: 'AdminEventTypes',
      change: (page) => choose(page, 'Show', 'Archived ones'),
      before: 'Home visit',
    },
  ],
  [
    'revoked tokens',
    { path: '/admin?tab=tokens', operation: 'RevokedTokens', change: goOn, before: 'token-20' },
  ],
  [
    'the audit log',
    {
      path: '/admin?tab=audit',
      operation: 'AuditLog',
      change: (page) => choose(page, 'Action', 'Unit created'),
      before: 'token-20',
    },
  ],
];

describe('pages that load, in a real browser', () => {
  const pages = pagesForTests();

  beforeAll(async () => {
    const { api } = pages;
    if (!api) return;
    api.setNow(noonMs);
    const [anna, bo] = (await createCaregivers(api, 2)) as [string, string];
    const visit = await createEventType(api, { name: 'Home visit', amount: 100 });
    const at = (caregiverId: string, occurredAt: string) => ({ caregiverId, eventTypeId: visit, occurredAt });
    for (let count = 1; count <= 21; count += 1) {
      const events = Array.from({ length: count }, (_, minute) =>
        at(anna, `2025-12-01T12:${String(minute).padStart(2, '0')}:00Z`),
      );
      await registerPast(api, events);
      await pay(api, { caregiverIds: [anna], toMonth: '2025-12' });
    }
    const january = Array.from({ length: 51 }, (_, minute) =>
      at(bo, `2026-01-01T12:${String(minute).padStart(2, '0')}:00Z`),
    );
    await registerPast(api, [...january, at(bo, '2026-02-01T12:00:00Z')]);
    await createUnit(api, { name: 'A Unit of the first page' });
    for (let count = 1; count <= 50; count += 1) await createUnit(api, { name: `Unit ${count}` });
    for (let count = 1; count <= 21; count += 1) {
      await api.data('mutation ($id: ID!) { revokeToken(id: $id) { id } }', { id: `token-${count}` });
    }
  });

  walk.each(parts)('%s: a skeleton at first, and no figures that pass for others', async (_name, part) => {
    const page = await pages.open('/api', { as: { role: 'ADMIN', name: 'Astrid' } });
    await page.getByRole('heading', { level: 1, name: 'API' }).waitFor();
    // Nothing comes by another way.
    await page.routeWebSocket(/graphql/, () => undefined);
    const gate = await holdBack(page, part.operation);
    await page.goto(new URL(part.path, page.url()).href);
    await part.open?.(page);
    const shown = page.locator('.loaded').last();
    await page.getByRole('status').getByText('Loading …').waitFor();
    gate.open();
    await shown.getByText(part.before).first().waitFor();
    expect(await shown.getAttribute('aria-busy')).toBe('false');
    if (!part.change) return;

    gate.close();
    await part.change(page);
    await page.locator('.loaded[aria-busy=true]').last().getByText(part.before).first().waitFor();
    await page.evaluate('Promise.all(document.getAnimations().map((animation) => animation.finished))');
    const opacity = `getComputedStyle([...document.querySelectorAll('.loaded')].at(-1)).opacity`;
    expect(Number(await page.evaluate(opacity))).toBeLessThan(0.6);
    gate.open();
    await shown.getByText(part.before).first().waitFor({ state: 'detached' });
    expect(await shown.getAttribute('aria-busy')).toBe('false');
  });

  /** Lets no answer to an operation through while it is closed, as it is at first. */
  async function holdBack(page: Page, operation: string): Promise<{ open(): unknown; close(): void }> {
    let opened: Promise<void>;
    const gate = {
      open: () => undefined as unknown,
      close() {
        opened = new Promise((resolve) => {
          gate.open = () => resolve();
        });
      },
    };
    gate.close();
    await page.route('**/graphql', async (route) => {
      if (route.request().postDataJSON().operationName === operation) await opened;
      await route.fallback();
    });
    return gate;
  }
});
