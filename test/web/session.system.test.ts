import type { Locator, Page } from 'playwright-core';
import type { TokenWish } from '../../src/platform/access/makeToken';
import { createCaregiver, createEventType, noonMs, pay, registerPast } from '../support/fixtures';
import { testToken } from '../support/tokens';
import { pagesForTests, walk } from './browser';

const anna = { role: 'ANALYST', name: 'Anna' } as const;
const kim = { role: 'ACCOUNTANT', name: 'Kim' } as const;

describe('signing in by a link, in a real browser', () => {
  const pages = pagesForTests();

  walk('asks once whether to stay; whoever stays is signed in when the tab is closed', async () => {
    const page = await pages.open('/report', { as: anna });
    const question = page.getByRole('region', { name: 'Stay signed in on this device?' });
    await question.waitFor();
    expect(await kept(page)).toBeNull();
    // Nobody must answer, and it is asked again until somebody does.
    await page.reload();
    await question.getByRole('button', { name: 'Stay signed in' }).click();
    await question.waitFor({ state: 'detached' });
    const next = await page.context().newPage();
    await page.close();
    await next.goto(`${origin(page)}/report`);
    await account(next, 'Anna').waitFor();
    expect(await next.getByRole('region', { name: 'Stay signed in' }).count()).toBe(0);
    // The same link again has nothing to ask.
    await next.evaluate(`location.hash = 'token=${await kept(next)}'`);
    await next.waitForFunction('location.hash === ""');
    await account(next, 'Anna').waitFor();
    expect(await next.getByRole('region', { name: 'Stay signed in' }).count()).toBe(0);
  });

  walk('signs in the tabs that are opened from it, and out of them all together', async () => {
    const page = await pages.open('/', { as: anna });
    await page.getByRole('button', { name: 'Not now' }).click();
    const opened = page.context().waitForEvent('page');
    const link = page.getByRole('main').getByRole('link', { name: /^Report/ });
    await link.click({ modifiers: ['Control'] });
    const report = await opened;
    await account(report, 'Anna').waitFor();
    expect(await report.getByRole('region', { name: 'Stay signed in' }).count()).toBe(0);
    // Nothing of it is left on the device.
    expect(await kept(page)).toBeNull();
    const playground = await page.context().newPage();
    await playground.goto(`${origin(page)}/playground`);
    await playground.getByText('Anna (ANALYST)').waitFor();

    await account(report, 'Anna').click();
    await report.getByRole('menuitem', { name: 'Sign out' }).click();
    for (const tab of [page, report, playground]) await tab.getByText('You have signed out.').waitFor();
    await report.reload();
    await report.getByText('You are not signed in.').waitFor();
  });

  walk('leaves who stays on the device what they are, whoever else comes by a link', async () => {
    const page = await pages.open('/payouts', { as: kim });
    await page.getByRole('button', { name: 'Stay signed in' }).click();
    const tokenOfKim = await kept(page);
    const guest = await page.context().newPage();
    await guest.goto(`${origin(page)}/report#token=${await testToken(anna)}`);
    const notice = guest.getByRole('region', { name: 'Only this tab is signed in as Anna' });
    await notice.getByText('Kim stays signed in on this device').waitFor();
    await guest.reload();
    await account(guest, 'Anna').waitFor();
    const third = await page.context().newPage();
    await third.goto(`${origin(page)}/payouts`);
    await account(third, 'Kim').waitFor();

    await notice.getByRole('button', { name: 'Go on' }).click();
    await account(guest, 'Anna').click();
    await guest.getByRole('menuitem', { name: 'Sign out' }).click();
    await guest.getByRole('button', { name: 'Go on as Kim' }).click();
    await account(guest, 'Kim').waitFor();

    await guest.goto(`${origin(page)}/playground#token=${await testToken(anna)}`);
    await guest.getByText('Only this tab is signed in as Anna.').waitFor();
    await guest.getByRole('button', { name: 'Switch back' }).click();
    await guest.getByText('Kim (ACCOUNTANT)').waitFor();

    // A link that signs nobody in does not sign anybody out.
    await guest.goto(`${origin(page)}/report#token=${(await testToken(anna)).slice(0, -4)}AAAA`);
    await guest.getByText('Your sign-in has ended, or is not valid here.').waitFor();
    await guest.getByRole('button', { name: 'Go on as Kim' }).click();
    await account(guest, 'Kim').waitFor();
    expect(await kept(guest)).toBe(tokenOfKim);
    expect(pages.takeProblems()).toEqual([]);
  });

  walk('renews who stays on the device by a link that is valid for longer, and by no other', async () => {
    const page = await pages.open('/report', { as: anna });
    await page.getByRole('button', { name: 'Stay signed in' }).click();
    const first = await kept(page);
    const follow = async (token: string) => {
      await page.goto('about:blank');
      await page.goto(`${address}#token=${token}`);
      await account(page, 'Anna').waitFor();
      expect(await page.getByRole('region', { name: 'signed in' }).count()).toBe(0);
    };
    const address = page.url();
    const yearMs = 366 * 86_400_000;
    await follow(await testToken({ ...anna, lifetimeMs: 200 * yearMs }));
    expect(await kept(page)).toBe(first);
    await follow(`${first?.slice(0, -4)}AAAA`);
    expect(await kept(page)).toBe(first);
    const longer = await testToken({ ...anna, lifetimeMs: 350 * yearMs });
    await follow(longer);
    expect(await kept(page)).toBe(longer);
    // The browser itself notes the refusal.
    expect(pages.takeProblems()).toEqual([expect.stringContaining('401')]);
  });
});

describe('signing in again, in a real browser', () => {
  const pages = pagesForTests();
  beforeAll(async () => {
    const { api } = pages;
    if (!api) return;
    api.setNow(noonMs);
    const caregiverId = await createCaregiver(api, { name: 'Bo Alm' });
    const eventTypeId = await createEventType(api, { name: 'Home visit', amount: 45_000 });
    await registerPast(api, [
      { caregiverId, eventTypeId, occurredAt: '2026-01-05T12:00:00Z' },
      { caregiverId, eventTypeId, occurredAt: '2026-02-05T12:00:00Z' },
    ]);
    await pay(api, { caregiverIds: [caregiverId], toMonth: '2026-01' });
  });

  const dialog = (page: Page) => page.getByRole('dialog').last();
  interface Below {
    path: string;
    as: Partial<TokenWish>;
    open(page: Page): Promise<void>;
    /** Asks the service something, where the page does not do so by itself. */
    ask?(page: Page): Promise<void>;
    /** What must be there again after signing in. */
    find(page: Page): Locator;
  }
  const below: [name: string, below: Below][] = [
    [
      'a form',
      {
        path: '/admin?tab=units',
        as: { role: 'ADMIN', name: 'Astrid' },
        async open(page) {
          await page.getByRole('button', { name: 'New unit' }).click();
          await dialog(page).getByLabel('Name').fill('North');
        },
        ask: (page) => dialog(page).getByRole('button', { name: 'Create' }).click(),
        find: (page) => dialog(page).getByLabel('Name'),
      },
    ],
    [
      'a drawer of events, which follows changes',
      {
        path: '/report?from=2026-01-01&to=2026-03-31',
        as: anna,
        open: (page) => page.getByRole('table').first().locator('tbody').getByRole('button').first().click(),
        find: (page) => dialog(page).getByText('Home visit').first(),
      },
    ],
    [
      'a dialog over the drawer of a payout',
      {
        path: '/payouts?tab=past',
        as: kim,
        async open(page) {
          await page.getByRole('button', { name: /^Open payout/ }).click();
          await page.getByRole('button', { name: 'CSV for a spreadsheet' }).click();
          await dialog(page).getByLabel('Semicolon').check();
        },
        ask: (page) => dialog(page).getByRole('button', { name: 'Save' }).click(),
        find: (page) => dialog(page).getByRole('button', { name: 'CSV for a spreadsheet' }),
      },
    ],
    [
      'a payment that is to be confirmed',
      {
        path: '/payouts',
        as: kim,
        async open(page) {
          await page.getByLabel('Bo Alm, Feb 2026').check();
          await page.getByRole('button', { name: 'Add up and pay' }).click();
        },
        ask: (page) => dialog(page).getByRole('button', { name: /^Pay / }).click(),
        find: (page) => dialog(page).getByText('Feb 2026: not paid'),
      },
    ],
  ];

  walk.each(below)(
    'comes in front of %s, and leaves it as it is',
    async (_name, { path, as, open, ask, find }) => {
      const page = await pages.open(path, { as });
      await open(page);
      const token = await page.evaluate<string>('sessionStorage.getItem("caretally:token")');
      const { jti } = JSON.parse(Buffer.from(token.split('.')[1] as string, 'base64url').toString());
      await pages.api.data('mutation ($id: ID!) { revokeToken(id: $id) { id } }', { id: jti });
      await ask?.(page);

      const signIn = page.getByRole('dialog', { name: 'Sign in' });
      const field = signIn.getByLabel('Or paste a token or a link');
      await signIn.locator('input[name=token]:focus').waitFor();
      await page.keyboard.press('Escape');
      // Where something else lies in front of it, the press does not reach it.
      await field.click({ timeout: 5_000 });
      await page.keyboard.press('Escape');
      await field.fill(await testToken({ ...as, lifetimeMs: 300 * 365 * 86_400_000 }));
      await field.press('Enter');
      await signIn.waitFor({ state: 'detached' });
      await find(page).waitFor();
      if (path.startsWith('/admin')) {
        expect(await find(page).inputValue()).toBe('North');
        await dialog(page).getByRole('button', { name: 'Create' }).click();
        await page.getByRole('row').filter({ hasText: 'North' }).waitFor();
      }
      for (const problem of pages.takeProblems()) expect(problem).toContain('401');
    },
  );
});

/** The token that is kept on the device. */
function kept(page: Page): Promise<string | null> {
  return page.evaluate<string | null>('localStorage.getItem("caretally:token")');
}

function account(page: Page, name: string): Locator {
  return page.getByRole('banner').getByRole('button', { name });
}

function origin(page: Page): string {
  return new URL(page.url()).origin;
}
