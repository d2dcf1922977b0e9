import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { eventually } from '../export/wideReport';
import { temporaryFolder } from '../support/databases';
import { addressOf, spawnService } from '../support/serviceProcess';
import type { Answer } from '../support/testService';
import { isWalked, launchBrowser, walk } from './browser';

interface Totals {
  amount: number;
  events: number;
}

describe('the playground, in a real browser', () => {
  const folder = temporaryFolder();
  const consoleErrors: string[] = [];
  const foreignRequests: string[] = [];
  let service: ChildProcess | undefined;
  let browser: Browser | undefined;
  let page: Page;
  /** The link that the first start prints. */
  let address: string;
  const token = () => new URL(address).hash.replace('#token=', '');

  beforeAll(async () => {
    if (!isWalked) return;
    // A first start as a newcomer has it: no settings, an empty folder. Only the port is a free one.
    const { DATABASE_URL: _, ...environment } = process.env;
    service = spawnService({ ...environment, AUTH_SECRET: '', LOG_LEVEL: 'error' }, folder);
    address = await addressOf(service);
    browser = await launchBrowser();
    page = await browser.newPage();
    page.on('console', (message) => {
      if (message.type() === 'error') consoleErrors.push(message.text());
    });
    page.on('pageerror', (error) => consoleErrors.push(String(error)));
    page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(new URL(address).origin) && !/^(data|blob):/.test(url)) foreignRequests.push(url);
    });
    await page.goto(address);
    await editorOf(page);
  });

  afterAll(async () => {
    await browser?.close();
    if (service) {
      service.kill('SIGTERM');
      await once(service, 'exit');
    }
    rmSync(folder, { recursive: true, force: true });
  });

  walk('opens with its examples, and nothing from another host', async () => {
    expect(await page.title()).toBe('Caretally playground');
    expect(await page.locator('.graphiql-tab-button').allTextContents()).toEqual([
      'RegisterAnEvent',
      'ReportOfAQuarter',
      'ReportOfChosenCaregivers',
      'Paging',
      'Live',
      'FindCaregiversAndEventTypes',
    ]);
    expect(foreignRequests).toEqual([]);
  });

  walk('is signed in by the link, which leaves nothing in the address', async () => {
    expect(address).toMatch(/\/playground#token=[\w-]+\.[\w-]+\.[\w-]+$/);
    expect(page.url()).toBe(`${new URL(address).origin}/playground`);
    expect(await page.locator('.playground-viewer-name').textContent()).toBe('admin (ADMIN)');
    expect(await page.evaluate('document.cookie + JSON.stringify(localStorage)')).not.toContain(token());
    await page.reload();
    await editorOf(page);
    expect(await page.locator('.playground-viewer-name').textContent()).toBe('admin (ADMIN)');
  });

  walk('registers an event, and the report changes by it', async () => {
    const before = await monthOfNow();
    await choose('RegisterAnEvent');
    const registered = (await execute('registerEvent')).data.registerEvent;
    expect(registered.replayed).toBe(false);

    const after = await monthOfNow();
    expect(after.events).toBe(before.events + 1);
    expect(after.amount).toBe(before.amount + registered.event.amount);
  });

  walk('runs every example, without an error in the console', async () => {
    for (const name of [
      'ReportOfAQuarter',
      'ReportOfChosenCaregivers',
      'Paging',
      'FindCaregiversAndEventTypes',
    ]) {
      await choose(name);
      const answer = await execute('data');
      expect(answer.errors).toBeUndefined();
    }
    expect(consoleErrors).toEqual([]);
  });

  walk('shows a report live, until it is stopped', async () => {
    await choose('Live');
    await page.getByRole('button', { name: /^Execute query/ }).click();
    const shown = (events: number) =>
      eventually(async () => {
        const text = (await page.getByRole('region', { name: 'Result Window' }).textContent()) ?? '';
        expect(text).toContain('"reportChanged"');
        const counts = [...text.matchAll(/"events":\s*(\d+)/g)].map(([, digits]) => Number(digits));
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(events);
      });
    const { events } = await monthOfNow();
    await shown(events);
    for (const more of [1, 2]) {
      await registerAnother();
      await shown(events + more);
    }
    await page.getByRole('button', { name: /^Stop query/ }).click();
    expect(consoleErrors).toEqual([]);
  });

  walk('comes back a week later with fresh dates', async () => {
    const later = await browser?.newContext();
    if (!later) throw new Error('there is no browser');
    const visit = async (time: string) => {
      const visited = await later.newPage();
      await visited.clock.setFixedTime(time);
      await visited.goto(address);
      await editorOf(visited);
      // GraphiQL stores its tabs half a second after a change.
      await visited.waitForTimeout(800);
      const stored = await visited.evaluate<string | null>('localStorage.getItem("graphiql:tabState")');
      await visited.close();
      return JSON.parse(stored ?? '{"tabs":[{}]}').tabs as { query: string; variables: string }[];
    };
    await visit('2026-02-02T10:00:00Z');
    const fresh = await visit('2026-02-09T10:00:00Z');
    expect(fresh[0]?.variables).toContain('2026-02-09');
    await later.close();
  });

  walk('without a link says how to get one, and takes a token', async () => {
    await inNewContext(async (visited) => {
      const requests: string[] = [];
      visited.on('request', (request) => requests.push(new URL(request.url()).pathname));
      const { origin } = new URL(address);
      await visited.goto(`${origin}/playground`);
      const status = visited.getByRole('status');
      await status.waitFor();
      expect(await status.textContent()).toBe('You are not signed in.');
      expect(await visited.locator('code').textContent()).toBe(
        `npx caretally token --role ADMIN --link ${origin}/playground`,
      );
      expect(requests).not.toContain('/graphql');

      const signIn = async (text: string) => {
        await visited.getByLabel('Or paste a token:').fill(text);
        await visited.getByRole('button', { name: 'Sign in' }).click();
      };
      await signIn('open sesame');
      await visited.getByText('That is neither a token nor a link with one.').waitFor();
      await signIn(`${token().slice(0, -4)}AAAA`);
      await visited.getByText('The token is not valid here. Sign in again.').waitFor();
      await signIn(` ${address} `);
      await editorOf(visited);
      expect(await visited.locator('.playground-viewer-name').textContent()).toBe('admin (ADMIN)');
    });
  });

  walk('signs out, and in again by a link that is opened where it is', async () => {
    await inNewContext(async (visited) => {
      await visited.goto(address);
      await editorOf(visited);
      await visited.getByRole('button', { name: 'Sign out' }).click();
      await visited.getByText('You have signed out.').waitFor();
      await visited.reload();
      await visited.getByText('You are not signed in.').waitFor();
      await visited.evaluate(`location.hash = '${new URL(address).hash}'`);
      await editorOf(visited);
      expect(visited.url()).toBe(`${new URL(address).origin}/playground`);
    });
  });

  // Last, for it ends the sign-in of all.
  walk('says so when the token has ended, and keeps what was written', async () => {
    await choose('Paging');
    const { jti } = JSON.parse(Buffer.from(token().split('.')[1] as string, 'base64url').toString()) as {
      jti: string;
    };
    await fetch(new URL('/graphql', address), {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token()}` },
      body: JSON.stringify({ query: `mutation { revokeToken(id: "${jti}") { id } }` }),
    });
    await page.getByRole('button', { name: /^Execute query/ }).click();
    await page.getByText('Your sign-in has ended.').waitFor();
    expect(await page.evaluate('sessionStorage.getItem("caretally:token")')).toBeNull();
    expect(await page.evaluate('localStorage.getItem("graphiql:tabState")')).toContain('RegisterAnEvent');
  });

  function editorOf(visited: Page): Promise<void> {
    return visited.locator('.graphiql-query-editor .monaco-editor .view-line').first().waitFor();
  }

  /** A browser that has never been here. */
  async function inNewContext(visit: (visited: Page) => Promise<void>): Promise<void> {
    const context = await browser?.newContext();
    if (!context) throw new Error('there is no browser');
    await visit(await context.newPage());
    await context.close();
  }

  /** What the report says of the current month, asked as the page asks. */
  async function monthOfNow(): Promise<Totals> {
    const months = await page.evaluate(async (bearer) => {
      const query = '{ report { months { month total { amount events } } } }';
      const response = await fetch('/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${bearer}` },
        body: JSON.stringify({ query }),
      });
      const answer = (await response.json()) as { data: { report: { months: { total: Totals }[] } } };
      return answer.data.report.months;
    }, token());
    return (months.at(-1) as { total: Totals }).total;
  }

  /** Registers an event of now, as another client does. */
  async function registerAnother(): Promise<void> {
    const input = { caregiverId: '1', eventTypeId: '1', occurredAt: new Date().toISOString() };
    const response = await fetch(new URL('/graphql', address), {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token()}` },
      body: JSON.stringify({
        query: 'mutation ($input: RegisterEventInput!) { registerEvent(input: $input) { replayed } }',
        variables: { input },
      }),
    });
    expect(await response.json()).toEqual({ data: { registerEvent: { replayed: false } } });
  }

  async function choose(name: string): Promise<void> {
    const tabs = page.getByRole('tablist', { name: 'Select active operation' });
    await tabs.getByRole('button', { name, exact: true }).click();
    await page.locator('[role=tab][aria-selected=true]', { hasText: name }).waitFor();
    // GraphiQL takes over the operation's name a tenth of a second after the tab is chosen.
    await page.waitForTimeout(300);
  }

  /** Presses the button; answers what the service sent back, once the page shows it. */
  async function execute(shown: string): Promise<Pick<Answer, 'data' | 'errors'>> {
    const answered = page.waitForResponse((response) => response.url().endsWith('/graphql'));
    await page.getByRole('button', { name: /^Execute query/ }).click();
    const response = await answered;
    const answer = (await response.json()) as Pick<Answer, 'data' | 'errors'>;
    await page.getByRole('region', { name: 'Result Window' }).getByText(`"${shown}"`).first().waitFor();
    return answer;
  }
});
