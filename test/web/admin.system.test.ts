import type { Page } from 'playwright-core';
import { eventually } from '../export/wideReport';
import { createCaregivers, createEventType, createUnit, noonMs, registerPast } from '../support/fixtures';
import { looks, pagesForTests, seriousViolations, walk } from './browser';

describe('the administration, in a real browser', () => {
  const pages = pagesForTests();
  const admin = { role: 'ADMIN' as const, name: 'Astrid' };
  const dialog = (page: Page) => page.getByRole('dialog');
  const choose = async (page: Page, label: string, option: string | RegExp, typed?: string) => {
    const field = page.getByRole('combobox', { name: label }).last();
    if (typed === undefined) await field.click();
    else await field.fill(typed);
    await page
      .getByRole('option', { name: option, ...(typeof option === 'string' && { exact: true }) })
      .click();
  };
  const expectRows = (page: Page, count: number) =>
    eventually(async () => expect(await page.locator('tbody tr').count()).toBe(count));
  const rowOf = (page: Page, text: string) => page.getByRole('row').filter({ hasText: text });

  beforeAll(async () => {
    if (pages.api) await createCaregivers(pages.api, 60);
  });

  walk('creates a unit, and a caregiver in it; finds, renames and moves them', async () => {
    const page = await pages.open('/admin', { as: admin });
    await page.getByRole('tab', { name: 'Units' }).click();
    await page.getByText('There are no units yet.').waitFor();
    for (const name of ['North', 'Südstraße']) {
      await page.getByRole('button', { name: 'New unit' }).click();
      await dialog(page).getByLabel('Name').fill(name);
      await dialog(page).getByLabel('External id').fill(`unit-${name}`);
      await dialog(page).getByRole('button', { name: 'Create' }).click();
      await rowOf(page, `unit-${name}`).waitFor();
    }
    expect(new URL(page.url()).search).toBe('?tab=units');

    await page.getByRole('tab', { name: 'Caregivers' }).click();
    await page.getByRole('button', { name: 'New caregiver' }).click();
    await dialog(page).getByLabel('Name').fill('Åsa Öberg');
    await choose(page, 'Unit', /North/, 'nor');
    await dialog(page).getByRole('button', { name: 'Create' }).click();
    await dialog(page).waitFor({ state: 'hidden' });
    await page.getByLabel('Search by name').fill('ÅSA');
    await expectRows(page, 1);
    expect(await rowOf(page, 'Åsa Öberg').textContent()).toContain('North');

    await page.getByRole('button', { name: 'Change Åsa Öberg' }).click();
    await dialog(page).getByLabel('Name').fill('Åsa Ek');
    await choose(page, 'Unit', /Südstraße/, 'SU\u0308DSTRASSE');
    await dialog(page).getByLabel('External id').fill('HSA-1');
    await dialog(page).getByRole('button', { name: 'Save' }).click();
    await rowOf(page, 'Åsa Ek').waitFor();
    const { caregivers } = await pages.api.data(
      '{ caregivers(filter: { nameContains: "åsa" }) { nodes { name externalId unit { name } } } }',
    );
    expect(caregivers.nodes).toEqual([{ name: 'Åsa Ek', externalId: 'HSA-1', unit: { name: 'Südstraße' } }]);
  });

  walk('shows what the service refuses at the field, and keeps what was typed', async () => {
    const page = await pages.open('/admin', { as: admin });
    await page.getByRole('button', { name: 'New caregiver' }).click();
    await dialog(page).getByLabel('Name').fill('Another');
    await dialog(page).getByLabel('External id').fill('HSA-1');
    await dialog(page).getByRole('button', { name: 'Create' }).click();
    await dialog(page)
      .getByText(/^This is in use already, by the one with the id \d+\.$/)
      .waitFor();
    expect(await dialog(page).getByLabel('External id').getAttribute('aria-invalid')).toBe('true');
    expect(await dialog(page).getByLabel('Name').inputValue()).toBe('Another');
  });

  walk('goes through caregivers page by page', async () => {
    const page = await pages.open('/admin', { as: admin });
    await expectRows(page, 50);
    await page.getByRole('button', { name: 'Next' }).click();
    await expectRows(page, 11);
  });

  walk('creates an event type, gives it a new sum for events to come, archives and deletes', async () => {
    const page = await pages.open('/admin?tab=eventTypes', { as: admin });
    const create = async (name: string, amount: string) => {
      await page.getByRole('button', { name: 'New event type' }).click();
      await dialog(page).getByLabel('Name').fill(name);
      await dialog(page).getByLabel('Amount').fill(amount);
      await dialog(page).getByRole('button', { name: 'Create' }).click();
    };
    await create('Home visit', '1 250,505');
    await dialog(page).getByText('Write an amount such as 1250.50').waitFor();
    await dialog(page).getByLabel('Amount').fill('1 250,50');
    await dialog(page).getByRole('button', { name: 'Create' }).click();
    await rowOf(page, 'Home visit').waitFor();
    const find = async () =>
      (await pages.api.data('{ eventTypes { nodes { id name amount currency archived } } }')).eventTypes
        .nodes;
    const [{ id }] = await find();
    const [caregiverId] = await createCaregivers(pages.api, 1);
    const event = { caregiverId: caregiverId as string, eventTypeId: id };
    pages.api.setNow(noonMs);
    const [before] = await registerPast(pages.api, [{ ...event, occurredAt: '2026-03-01T12:00:00Z' }]);

    await page.getByRole('button', { name: 'Change Home visit' }).click();
    expect(await dialog(page).getByLabel('Amount').inputValue()).toBe('1250.50');
    await dialog(page).getByLabel('Name').fill('Visit at home');
    await dialog(page).getByLabel('Amount').fill('1300');
    await dialog(page).getByRole('button', { name: 'Save' }).click();
    await rowOf(page, 'Visit at home').waitFor();
    const [after] = await registerPast(pages.api, [{ ...event, occurredAt: '2026-03-01T13:00:00Z' }]);
    expect([before?.amount, after?.amount]).toEqual([125_050, 130_000]);
    pages.api.setNow(undefined);

    await page.getByRole('button', { name: 'Delete Visit at home' }).click();
    await dialog(page).getByText('Delete Visit at home?').waitFor();
    await dialog(page).getByRole('button', { name: 'Delete' }).click();
    await dialog(page)
      .getByText('There are events of this type, so it cannot be deleted. Archive it instead')
      .waitFor();
    await dialog(page).getByRole('button', { name: 'Cancel' }).click();
    await dialog(page).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Archive Visit at home' }).click();
    await dialog(page).getByText('From now on nobody can register events of this type.').waitFor();
    await dialog(page).getByRole('button', { name: 'Archive' }).click();
    await page.getByText('There are none.').waitFor();
    await createEventType(pages.api, { name: 'Never used' });
    await choose(page, 'Show', 'All');
    await page.getByRole('button', { name: 'Delete Never used' }).click();
    // The keyboard begins at the button that changes nothing.
    await dialog(page).getByText('The event type is removed for good.').waitFor();
    await page.keyboard.press('Enter');
    await dialog(page).waitFor({ state: 'detached' });
    expect(await find()).toHaveLength(2);
    await page.getByRole('button', { name: 'Delete Never used' }).click();
    await dialog(page).getByRole('button', { name: 'Delete' }).click();
    await rowOf(page, 'Never used').waitFor({ state: 'detached' });
    expect(await find()).toEqual([
      { id, name: 'Visit at home', amount: 130_000, currency: 'SEK', archived: true },
    ]);
    await page.getByRole('button', { name: 'Restore Visit at home' }).click();
    await page.getByRole('button', { name: 'Archive Visit at home' }).waitFor();
  });

  walk('makes a token with which another browser signs in, revokes it, and it is out', async () => {
    const page = await pages.open('/admin?tab=tokens', { as: admin });
    await choose(page, 'Caregiver', /Åsa Ek/, 'åsa');
    await choose(page, 'Valid for', '7 days');
    await page.getByRole('button', { name: 'Make the token' }).click();
    await dialog(page).getByText('A token for Åsa Ek, caregiver').waitFor();
    const link = await dialog(page).getByLabel('Link that signs in').inputValue();
    const tokenId = await dialog(page).getByLabel('Id of the token').inputValue();
    expect(link).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/register#token=[\w-]+\.[\w-]+\.[\w-]+$/);

    const other = await pages.open(`/${new URL(link).hash}`);
    await other.getByText('Welcome, Åsa Ek.').waitFor();
    expect(other.url()).not.toContain('token');

    await dialog(page).getByRole('button', { name: 'Close' }).last().click();
    await dialog(page).waitFor({ state: 'hidden' });
    // Once closed, it is nowhere any more.
    expect(await page.content()).not.toContain(new URL(link).hash.slice(-40));
    await page.getByLabel('Id of the token').fill(tokenId);
    await page.getByRole('button', { name: 'Revoke', exact: true }).click();
    await dialog(page).getByText('Whoever is signed in with it is signed out at once.').waitFor();
    await dialog(page).getByRole('button', { name: 'Revoke' }).click();
    await page.getByText(`${tokenId} is revoked.`).waitFor();
    expect(await rowOf(page, tokenId).textContent()).toContain('Astrid');

    await other.reload();
    await other.getByText('Your sign-in has ended, or is not valid here. Sign in again.').waitFor();
    // The browser itself notes the refusal.
    expect(pages.takeProblems()).toEqual([expect.stringContaining('401')]);
  });

  walk('revokes at once what was made by mistake', async () => {
    const page = await pages.open('/admin?tab=tokens', { as: admin });
    await choose(page, 'Role', 'accountant');
    await page.getByLabel('Name').fill('Olle');
    await page.getByRole('button', { name: 'Make the token' }).click();
    await dialog(page).getByText('A token for Olle, accountant').waitFor();
    const token = await dialog(page).getByLabel('Token', { exact: true }).inputValue();
    const tokenId = await dialog(page).getByLabel('Id of the token').inputValue();
    const asked = pages.api.withToken(token);
    expect((await asked.data('{ viewer { role name } }')).viewer).toEqual({
      role: 'ACCOUNTANT',
      name: 'Olle',
    });
    await dialog(page).getByRole('button', { name: 'Revoke' }).click();
    const question = page.getByRole('dialog', { name: `Revoke the token ${tokenId}?` });
    await question.getByRole('button', { name: 'Revoke' }).click();
    await rowOf(page, tokenId).waitFor();
    expect((await asked.ask('{ ping }')).status).toBe(401);
  });

  walk('shows who has done what, to whom', async () => {
    await createUnit(pages.api, { name: 'West' });
    await pages.api.data('mutation { revokeToken(id: "lost") { id } }');
    const page = await pages.open('/admin?tab=audit', { as: admin });
    const log = page.getByRole('table', { name: 'Audit log' });
    await log.waitFor();
    const first = await log.locator('tbody tr').first().textContent();
    expect(first).toMatch(/adminADMINToken revokedtoken lost/);
    await choose(page, 'Action', 'Unit created');
    await log.getByText('Token revoked').first().waitFor({ state: 'detached' });
    expect(await log.locator('tbody tr').first().textContent()).toMatch(/Unit createdunit \d+.*West/);
  });

  walk('says whom a token needs', async () => {
    const page = await pages.open('/admin?tab=tokens', { as: admin });
    await page.getByRole('button', { name: 'Make the token' }).click();
    await page.getByText('Choose a caregiver.').waitFor();
  });

  walk.each(looks)('takes sums as Swedish writes them, and guesses none: %s', async (name, look) => {
    const page = await pages.open('/admin?tab=eventTypes', { as: admin, ...look, locale: 'sv-SE' });
    const amount = dialog(page).getByLabel('Belopp');
    const create = () => dialog(page).getByRole('button', { name: 'Skapa' }).click();
    await page.getByRole('button', { name: 'Ny händelsetyp' }).click();
    await dialog(page).getByLabel('Namn').fill(`Besök, ${name}`);
    for (const unclear of ['1.250', '1,250', '1.250,50', '1 250,505']) {
      await amount.fill(unclear);
      await create();
      await dialog(page).getByText('Skriv ett belopp som 1250,50, med högst 2 decimaler.').waitFor();
    }
    await amount.fill('1\u00a0250,50');
    await create();
    await page.getByRole('button', { name: `Ändra Besök, ${name}` }).click();
    expect(await amount.inputValue()).toBe('1250,50');
    await amount.fill('2 250');
    await dialog(page).getByRole('button', { name: 'Spara' }).click();
    await rowOf(page, `Besök, ${name}`).locator('data[value="225000"]').waitFor();
  });

  walk('is not for an accountant, whom the API refuses as well', async () => {
    const accountant = { role: 'ACCOUNTANT' as const, name: 'Olle' };
    const page = await pages.open('/admin', { as: accountant });
    await page.getByRole('heading', { level: 1, name: 'This page is not for you' }).waitFor();
    const asked = await pages.api.as(accountant);
    const error = await asked.failure('mutation { createToken(input: { role: ADMIN }) { token } }');
    expect(error.extensions?.code).toBe('FORBIDDEN');
  });

  describe.each(['caregivers', 'units', 'eventTypes', 'tokens', 'audit'])('the part %s', (tab) => {
    walk.each(looks)('hinders nobody: %s', async (_name, look) => {
      const page = await pages.open(`/admin?tab=${tab}`, { as: admin, ...look, locale: 'sv-SE' });
      await page.getByRole('table').waitFor();
      expect(await seriousViolations(page)).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
      if (tab === 'audit') return;
      const button = tab === 'tokens' ? 'Skapa' : /^Ny /;
      if (tab === 'tokens') await choose(page, 'Roll', 'analytiker');
      await page.getByRole('tabpanel').getByRole('button', { name: button }).click();
      await dialog(page).waitFor();
      expect(await seriousViolations(page)).toEqual([]);
    });
  });
});
