// Takes the pictures of all pages anew, light and dark, on a desktop and on a phone:
//   npm run build && node docs/images/take.cjs
const { execFileSync, spawn } = require('node:child_process');
const { existsSync, mkdtempSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { chromium } = require('playwright-core');

const project = join(__dirname, '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'caretally-pictures-'));
const environment = {
  ...process.env,
  DATABASE_URL: `sqlite:${join(folder, 'pictures.db')}`,
  AUTH_SECRET: 'the pictures are taken with a secret of their own',
  PORT: '0',
};
const looks = [
  ['desktop', { viewport: { width: 1280, height: 800 } }],
  ['phone', { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }],
].flatMap(([device, look]) =>
  ['light', 'dark'].map((colorScheme) => [`${colorScheme}-${device}`, { ...look, colorScheme }]),
);

/** The pages, who opens them, and what is there when all has come. */
const pages = [
  ['start', '/', undefined, (page) => page.getByRole('heading', { level: 1 })],
  ['register', '/register', ['CAREGIVER', '--caregiver', '7'], (page) => page.getByRole('radio').nth(2)],
  ['report', '/report', ['ANALYST'], (page) => page.getByRole('row').nth(12)],
  ['payouts', '/payouts', ['ACCOUNTANT'], (page) => page.getByRole('row').nth(6)],
  ['admin', '/admin', ['ADMIN'], (page) => page.getByRole('row').nth(6)],
  ['api', '/api', ['ANALYST'], (page) => page.getByRole('heading', { level: 2 }).nth(1)],
  [
    'playground',
    '/playground',
    ['ADMIN'],
    (page) => page.locator('.graphiql-query-editor .view-line').first(),
  ],
];

/** Runs the command, and answers what it prints. */
function caretally(...commandLine) {
  const options = { cwd: project, env: environment, encoding: 'utf8' };
  return execFileSync(process.execPath, ['dist/src/cli.js', ...commandLine], options).trim();
}

function addressOf(service) {
  return new Promise((resolve, reject) => {
    let output = '';
    service.stdout.on('data', (chunk) => {
      output += chunk;
      const address = /Look\s+(\S+)/.exec(output)?.[1];
      if (address) resolve(new URL(address).origin);
    });
    service.once('exit', () => reject(new Error(`the service ended: ${output}`)));
  });
}

async function take(browser, origin, [name, path, role, last]) {
  const token = role && caretally('token', '--role', ...role);
  for (const [look, options] of looks) {
    const context = await browser.newContext({ locale: 'en-GB', ...options });
    const page = await context.newPage();
    await page.goto(`${origin}${path}${token ? `#token=${token}` : ''}`);
    await last(page).waitFor();
    await page.waitForLoadState('networkidle').catch(() => undefined);
    // The question whether to stay signed in is asked once, and is not what a page looks like.
    const notNow = page.getByRole('button', { name: 'Not now' });
    if (await notNow.count()) await notNow.click();
    await page.screenshot({ path: join(__dirname, `${name}-${look}.png`), animations: 'disabled' });
    await context.close();
  }
}

async function main() {
  caretally('seed');
  const service = spawn(process.execPath, ['dist/src/main.js'], {
    cwd: project,
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const executablePath = [process.env.CHROMIUM, '/usr/bin/chromium-headless-shell', '/usr/bin/chromium'].find(
    (path) => path && existsSync(path),
  );
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  try {
    const origin = await addressOf(service);
    for (const page of pages) await take(browser, origin, page);
  } finally {
    await browser.close();
    service.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

main();
