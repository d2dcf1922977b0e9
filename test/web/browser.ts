import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AxeResults, source as axeSource, type RunOptions } from 'axe-core';
import {
  type Browser,
  type BrowserContextOptions,
  chromium,
  type Page,
  type Response,
} from 'playwright-core';
import type { TokenWish } from '../../src/platform/access/makeToken';
import { startTestService, type TestOptions, type TestService } from '../support/testService';
import { testToken } from '../support/tokens';

/** The one without windows first: it lays out and runs pages as the others do, at half the cost. */
const browserPath = [
  process.env.CHROMIUM ?? '',
  '/usr/bin/chromium-headless-shell',
  '/usr/bin/chromium',
  '/usr/bin/google-chrome',
].find(existsSync);
export const isWalked = browserPath !== undefined || Boolean(process.env.CI);

/** A test in a browser. Whoever only tries the service need not have one; where changes land, nothing may be skipped. */
export const walk = isWalked ? test : test.skip;

/** @param environment what it finds beside this process's own variables */
export function launchBrowser(environment: Record<string, string> = {}): Promise<Browser> {
  return chromium.launch({
    executablePath: browserPath ?? 'chromium',
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
    env: { ...process.env, ...environment },
  });
}

/** How a page can look; each of them must hinder nobody. */
export const looks: [name: string, look: BrowserContextOptions][] = (['light', 'dark'] as const).flatMap(
  (colorScheme) => [
    [`${colorScheme}, on a desktop`, { colorScheme, viewport: { width: 1280, height: 800 } }],
    [`${colorScheme}, on a phone`, { colorScheme, viewport: { width: 390, height: 844 } }],
  ],
);

interface VisitOptions extends BrowserContextOptions {
  /** Who opens the page; nobody has signed in where it is left out. */
  as?: Partial<TokenWish>;
  onResponse?: (response: Response) => void;
}

interface PagesOptions extends TestOptions {
  /** The family that all text is set in, as on a machine that has no other; else it is this machine's own. */
  font?: string;
}

/** A service on a port, and a browser to open its pages in. */
export interface PagesForTests {
  api: TestService;
  /** Opens a page in a browser that has never been here, English and light unless told otherwise. */
  open(path: string, options?: VisitOptions): Promise<Page>;
  /** What went wrong on any page since the last call: errors in the console, requests to other hosts. */
  takeProblems(): string[];
}

/**
 * The pages, for all tests of a file, as `npm run build` has made them. After each test, nothing may have gone wrong on
 * any of them.
 */
export function pagesForTests({ font, ...options }: PagesOptions = {}): PagesForTests {
  let browser: Browser | undefined;
  let fonts: string | undefined;
  let origin = '';
  let problems: string[] = [];
  const pages = {} as PagesForTests;

  beforeAll(async () => {
    if (!isWalked) return;
    pages.api = await startTestService(options);
    await pages.api.server.listen({ port: 0, host: '127.0.0.1' });
    fonts = font === undefined ? undefined : configureFonts(font);
    origin = `http://127.0.0.1:${(pages.api.server.server.address() as AddressInfo).port}`;
    browser = await launchBrowser(fonts === undefined ? {} : { FONTCONFIG_FILE: join(fonts, 'fonts.conf') });
  });

  afterEach(async () => {
    for (const context of browser?.contexts() ?? []) await context.close();
    expect(pages.takeProblems()).toEqual([]);
  });

  afterAll(async () => {
    await browser?.close();
    await pages.api?.close();
    if (fonts !== undefined) rmSync(fonts, { recursive: true });
  });

  pages.takeProblems = () => {
    const taken = problems;
    problems = [];
    return taken;
  };

  pages.open = async (path, { as, onResponse, ...contextOptions } = {}) => {
    if (!browser) throw new Error('there is no browser');
    const context = await browser.newContext({ locale: 'en-GB', colorScheme: 'light', ...contextOptions });
    const page = await context.newPage();
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text());
    });
    page.on('pageerror', (error) => problems.push(String(error)));
    page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(origin) && !/^(data|blob):/.test(url)) problems.push(`a request to ${url}`);
    });
    if (onResponse) page.on('response', onResponse);
    const token = as && (await testToken(as));
    await page.goto(`${origin}${path}${token === undefined ? '' : `#token=${token}`}`);
    return page;
  };
  return pages;
}

/** Writes a configuration for fontconfig, by which every family is this one, into a folder of its own. */
function configureFonts(family: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'fonts-'));
  writeFileSync(
    join(folder, 'fonts.conf'),
    `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <cachedir>${folder}</cachedir>
  <match target="pattern">
    <edit name="family" mode="assign" binding="strong"><string>${family}</string></edit>
  </match>
</fontconfig>`,
  );
  return folder;
}

/**
 * What axe finds on a page, or on the parts of it that are ours, that hinders people seriously, as "rule: where", when
 * nothing on it moves any more.
 */
export async function seriousViolations(page: Page, parts = ':root'): Promise<string[]> {
  await page.evaluate('Promise.allSettled(document.getAnimations().map((animation) => animation.finished))');
  // Evaluated by the debugger, which no content policy hinders.
  await page.evaluate(axeSource);
  const options: RunOptions = { resultTypes: ['violations'] };
  const { violations } = await page.evaluate<AxeResults>(`axe.run('${parts}', ${JSON.stringify(options)})`);
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${target} ${failureSummary}`),
    );
}
