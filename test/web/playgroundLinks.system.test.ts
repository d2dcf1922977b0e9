import type { Page } from 'playwright-core';
import { eventually } from '../export/wideReport';
import { testToken } from '../support/tokens';
import { looks, pagesForTests, seriousViolations, walk } from './browser';

interface Tab {
  title: string;
  query: string;
  variables: string | null;
}

describe('links to a query, in a real browser', () => {
  const pages = pagesForTests();

  walk('share what a tab holds, with somebody else, and run nothing', async () => {
    const sender = await pages.open('/playground', { as: { role: 'ADMIN' } });
    await tabShown(sender, 'RegisterAnEvent');
    await typeIntoVariables(sender, '// Åsa ✓');
    await sender.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await copyLinkByKeyboard(sender);
    await sender.getByText('The link is copied. Whoever opens it signs in as themselves.').waitFor();
    const link = await sender.evaluate<string>('navigator.clipboard.readText()');
    const [sent] = await tabsOf(sender);
    const token = await sender.evaluate<string>('sessionStorage.getItem("caretally:token")');
    expect(sent?.variables).toBe('// Åsa ✓');
    expect(contentOf(link)).toEqual({
      query: sent?.query,
      variables: sent?.variables,
      operationName: 'RegisterAnEvent',
    });
    expect(link).not.toContain(token);

    const asked: string[] = [];
    const receiver = await pages.open('/');
    receiver.on('request', (request) => asked.push(`${request.url()} ${request.postData()}`));
    await receiver.goto(link);
    await signIn(receiver, await testToken({ role: 'ANALYST' }));
    await receiver.getByText('This tab comes from a link. Nothing has been run').waitFor();
    await eventually(async () => {
      const tabs = await tabsOf(receiver);
      expect(tabs).toHaveLength(7);
      expect(tabs.at(-1)).toMatchObject({
        title: 'RegisterAnEvent',
        query: sent?.query,
        variables: sent?.variables,
      });
    });
    expect(await textOf(receiver, 'query')).toContain('mutation RegisterAnEvent');
    expect(await textOf(receiver, 'variable')).toContain('Åsa ✓');
    expect(await receiver.locator('.playground-viewer-name').textContent()).toContain('(ANALYST)');
    expect(receiver.url()).toBe(`${new URL(link).origin}/playground`);
    expect(asked.filter((request) => request.includes('/graphql')).length).toBeGreaterThan(0);
    expect(asked.filter((request) => request.includes('registerEvent('))).toEqual([]);
    expect(asked.filter((request) => request.includes('share='))).toEqual([]);

    await receiver.reload();
    await tabShown(receiver, 'RegisterAnEvent');
    await receiver.waitForTimeout(800);
    expect(await tabsOf(receiver)).toHaveLength(7);
  });

  walk('open where the playground is open, keep its tabs, and choose the operation', async () => {
    const page = await pages.open('/playground', { as: { role: 'ADMIN' } });
    await tabShown(page, 'RegisterAnEvent');
    const query = 'query First { ping }\n\nquery Second { viewer { name } }';
    await follow(page, `#share=${encode({ query, variables: '', operationName: 'Second' })}`);
    await tabShown(page, 'Second');
    await page.getByRole('button', { name: 'Close', exact: true }).click();
    await follow(page, `#share=${encode({ query: '{ ping }', variables: '', operationName: 'Gone' })}`);
    await eventually(async () => {
      const titles = (await tabsOf(page)).map(({ title }) => title);
      expect(titles).toEqual([
        'RegisterAnEvent',
        'ReportOfAQuarter',
        'ReportOfChosenCaregivers',
        'Paging',
        'Live',
        'FindCaregiversAndEventTypes',
        'Second',
        '<untitled>',
      ]);
    });
  });

  walk('sign in as well, where both stand in one link', async () => {
    const token = await testToken({ role: 'ACCOUNTANT' });
    const shared = encode({ query: 'query Both { ping }', variables: '' });
    for (const fragment of [`#token=${token}&share=${shared}`, `#share=${shared}&token=${token}`]) {
      const page = await pages.open(`/playground${fragment}`);
      await tabShown(page, 'Both');
      expect(await page.locator('.playground-viewer-name').textContent()).toContain('(ACCOUNTANT)');
      expect(new URL(page.url()).hash).toBe('');
    }
  });

  walk('say so when they are broken or too long', async () => {
    const page = await pages.open('/playground', { as: { role: 'ADMIN' } });
    await tabShown(page, 'RegisterAnEvent');
    const whole = encode({ query: 'query Cut { ping }', variables: '' });
    const status = page.getByRole('status');
    const broken = [
      whole.slice(0, -9),
      '%%%',
      '',
      encode({ query: 7, variables: '' }),
      encode({ query: ' ', variables: '' }),
      encode(null),
    ];
    for (const encoded of broken) {
      await follow(page, `#share=${encoded}`);
      await page
        .getByText(
          'The link that you have followed shares no query that can be read. Perhaps it was cut: copy it again, whole.',
        )
        .waitFor();
      expect(new URL(page.url()).hash).toBe('');
      await page.getByRole('button', { name: 'Close', exact: true }).click();
      expect(await status.textContent()).toBe('');
    }
    await follow(page, `#share=${'A'.repeat(30_001)}`);
    await page
      .getByText('The link that you have followed is too long: 30,001 characters, where 30,000 are allowed.')
      .waitFor();
    expect(await tabsOf(page)).toHaveLength(6);

    await typeIntoVariables(page, `// ${'x'.repeat(30_000)}`);
    await page.getByRole('button', { name: 'Copy link' }).click();
    await page
      .getByText(/^The query and its variables are too long for a link: 4\d,\d{3} characters/)
      .waitFor();
  });

  walk.each(looks)('are shown where the browser does not let the page copy, %s', async (_name, look) => {
    const page = await pages.open('/', look);
    await page.addInitScript('Object.defineProperty(navigator, "clipboard", { value: undefined })');
    const token = await testToken({ role: 'ADMIN' });
    await page.goto(`${new URL(page.url()).origin}/playground#token=${token}`);
    await tabShown(page, 'RegisterAnEvent');
    await copyLinkByKeyboard(page);
    const shown = page.getByLabel('Link to the query');
    const { x, width } = (await shown.boundingBox()) ?? { x: 0, width: Number.NaN };
    expect(x + width).toBeLessThanOrEqual(page.viewportSize()?.width ?? 0);
    await shown.focus();
    expect(contentOf(await shown.inputValue())).toMatchObject({ operationName: 'RegisterAnEvent' });
    expect(await page.evaluate('String(getSelection())')).toBe(await shown.inputValue());
    expect(await seriousViolations(page, '.graphiql-toolbar, .notice-bar')).toEqual([]);
  });
});

function encode(shared: unknown): string {
  return Buffer.from(JSON.stringify(shared)).toString('base64url');
}

function contentOf(link: string): unknown {
  const encoded = /\/playground#share=([\w-]+)$/.exec(link)?.[1] ?? '';
  return JSON.parse(Buffer.from(encoded, 'base64url').toString());
}

/** Opens a link where the page is open already. */
async function follow(page: Page, fragment: string): Promise<void> {
  await page.evaluate(`location.hash = '${fragment}'`);
}

async function signIn(page: Page, token: string): Promise<void> {
  await page.getByLabel('Or paste a token:').fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

async function copyLinkByKeyboard(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Copy query/ }).focus();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
}

async function tabShown(page: Page, title: string): Promise<void> {
  await page.locator('[role=tab][aria-selected=true]', { hasText: title }).waitFor();
  await page.locator('.graphiql-query-editor .monaco-editor .view-line').first().waitFor();
  // GraphiQL takes over the operation's name a tenth of a second after the tab is shown.
  await page.waitForTimeout(300);
}

/** The tabs as GraphiQL keeps them, half a second after a change. */
async function tabsOf(page: Page): Promise<Tab[]> {
  await page.waitForTimeout(800);
  return page.evaluate<Tab[]>('JSON.parse(localStorage.getItem("graphiql:tabState")).tabs');
}

async function textOf(page: Page, editor: 'query' | 'variable'): Promise<string> {
  const section = editor === 'query' ? '.graphiql-query-editor' : '.graphiql-editor-tool';
  const text = await page.locator(`${section} .view-lines`).first().textContent();
  // Monaco shows spaces as such that do not break.
  return (text ?? '').replaceAll('\u00a0', ' ');
}

async function typeIntoVariables(page: Page, text: string): Promise<void> {
  await page.locator('.graphiql-editor-tool .view-lines').first().click();
  await page.keyboard.press('Control+A');
  await page.keyboard.insertText(text);
}
