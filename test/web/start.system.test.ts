import { homePages as homePagesOfLinks } from '../../src/platform/access/link';
import { type Role, roles } from '../../src/platform/access/principal';
import { cellOf } from '../../src/platform/access/roles';
import { accessTableOf } from '../../src/platform/subsystem';
import { subsystems } from '../../src/subsystems';
import { pages as allPages, homePages, pagesFor } from '../../src/web/app/pages';
import { testToken } from '../support/tokens';
import { looks, pagesForTests, seriousViolations, walk } from './browser';

test('every page is offered to the roles that may use what it needs', () => {
  const table = accessTableOf(subsystems);
  for (const { path, needs, roles: offered } of allPages) {
    const row = table.get(needs);
    if (!row) throw new Error(`${path} needs ${needs}, which is not in the table of roles`);
    const allowed = roles.filter((role) => cellOf(row, role) !== 'none');
    expect([path, [...offered].sort()]).toEqual([path, [...allowed].sort()]);
    expect(table.has(`GET ${path}`)).toBe(true);
  }
  expect(pagesFor('CAREGIVER').map(({ path }) => path)).toEqual([
    '/report',
    '/register',
    '/api',
    '/playground',
  ]);
});

test('a link leads each role to a page that it may use, wherever it was made', () => {
  expect(homePages).toEqual(homePagesOfLinks);
  for (const role of roles) expect(pagesFor(role).map(({ path }) => path)).toContain(homePages[role]);
});

describe('the start page, in a real browser', () => {
  const pages = pagesForTests();
  const analyst = { role: 'ANALYST' as Role, name: 'Ada' };

  walk('leads to what the role may use, and keeps the token out of the address', async () => {
    const page = await pages.open('/', { as: analyst });
    await page.getByRole('heading', { level: 1, name: 'Start' }).waitFor();
    expect(new URL(page.url()).hash).toBe('');
    await page
      .getByRole('main')
      .getByRole('link', { name: /^Report/ })
      .click();
    await page.getByRole('heading', { level: 1, name: 'Report' }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/report');
    expect(await page.title()).toBe('Report · Caretally');
    await page.reload();
    await page.getByRole('heading', { level: 1, name: 'Report' }).waitFor();
    const links = page.getByRole('navigation', { name: 'Pages' }).getByRole('link');
    expect(await links.allTextContents()).toEqual(['Report', 'API', 'Playground']);
  });

  walk('says that a page is not for the role', async () => {
    const page = await pages.open('/payouts', { as: { role: 'CAREGIVER', name: 'Cleo', caregiverId: 1 } });
    await page.getByRole('heading', { level: 1, name: 'This page is not for you' }).waitFor();
    await page.getByText('You are signed in as caregiver, and that role may not use it.').waitFor();
  });

  walk('asks who is there, takes a token, and goes on where one was', async () => {
    const page = await pages.open('/report?caregiverIds=1');
    await page.getByText('You are not signed in.').waitFor();
    await page.getByLabel('Or paste a token or a link').fill('open sesame');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('That is neither a token nor a link with one.').waitFor();
    await page.getByLabel('Or paste a token or a link').fill(await testToken(analyst));
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { level: 1, name: 'Report' }).waitFor();
    expect(new URL(page.url()).search).toContain('caregiverIds=1');
  });

  walk('signs out, and speaks Swedish where the browser does', async () => {
    const page = await pages.open('/', { as: analyst, locale: 'sv-SE' });
    await page.getByText('Välkommen, Ada.').waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('sv');
    await page.getByRole('button', { name: 'Ada' }).click();
    await page.getByRole('menuitemradio', { name: 'English' }).click();
    await page.getByText('Welcome, Ada.').waitFor();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByText('You have signed out.').waitFor();
    await page.reload();
    await page.getByText('You are not signed in.').waitFor();
  });

  walk('loads at most 300 kB of compressed script', async () => {
    const scripts: Promise<number>[] = [];
    const page = await pages.open('/', {
      as: analyst,
      onResponse: (response) => {
        if (response.request().resourceType() !== 'script') return;
        scripts.push(
          response
            .request()
            .sizes()
            .then(({ responseBodySize }) => responseBodySize),
        );
      },
    });
    await page.getByText('Welcome, Ada.').waitFor();
    const sizesBytes = await Promise.all(scripts);
    expect(sizesBytes.length).toBeGreaterThan(0);
    expect(sizesBytes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(300_000);
  });

  walk.each(looks)('hinders nobody, %s', async (_name, look) => {
    const page = await pages.open('/', { as: analyst, ...look });
    await page.getByText('Welcome, Ada.').waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    const other = await pages.open('/', look);
    await other.getByText('You are not signed in.').waitFor();
    expect(await seriousViolations(other)).toEqual([]);
  });
});
