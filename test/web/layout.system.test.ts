import type { Locator, Page } from 'playwright-core';
import {
  createCaregiver,
  createEventType,
  createUnit,
  pay,
  readReport,
  register,
  registerPast,
  remove,
} from '../support/fixtures';
import { pagesForTests, walk } from './browser';

/** What letters are as wide as decides what fits: the pages are looked at in fonts that differ. */
const fonts: [font: string, debianPackage: string][] = [
  ['Noto Sans', 'fonts-noto-core'],
  ['DejaVu Sans', 'fonts-dejavu-core'],
];
const locales = ['en-GB', 'sv-SE'];
const widths = [320, 390, 768, 1280];
/** Eleven pages in four windows, on a machine that may do something else. */
const patienceMs = 300_000;

interface View {
  path: string;
  /** Whether it is seen by a caregiver; else by an administrator. */
  isCaregivers?: boolean;
  /** What is there when all is there. */
  ready: string;
  /** Changes what the page follows, in figures much longer or shorter than before. */
  update?: () => Promise<unknown>;
  /** Shows that the change has come. */
  updated?: () => Promise<string>;
  /** What is pressed, and what shows that it has been. */
  press: string;
  pressed: string;
  height?: number;
}

describe.each(fonts)('the pages, set in %s', (font, debianPackage) => {
  const pages = pagesForTests({ font });
  const world = { anna: '', visit: '', project: '', big: undefined as string | undefined };

  beforeAll(async () => {
    const { api } = pages;
    if (!api) return;
    const unitId = await createUnit(api, { name: 'Akutmottagningen i norr' });
    world.anna = await createCaregiver(api, { name: 'Anna-Karin Andersson Lindqvist', unitId });
    const bo = await createCaregiver(api, { name: 'Bo Ek', externalId: 'HSA-4711' });
    world.visit = await createEventType(api, { name: 'Hembesök', amount: 9_500 });
    world.project = await createEventType(api, { name: 'Projekt', amount: 123_400 });
    await registerPast(api, [
      { caregiverId: bo, eventTypeId: world.visit, occurredAt: '2025-01-10T12:00:00Z' },
      { caregiverId: world.anna, eventTypeId: world.visit, occurredAt: '2025-01-10T12:00:00Z' },
    ]);
    await pay(api, { caregiverIds: [world.anna, bo], toMonth: '2025-01' });
    await registerPast(api, [
      { caregiverId: world.anna, eventTypeId: world.visit, occurredAt: '2025-02-10T12:00:00Z' },
      { caregiverId: bo, eventTypeId: world.visit, occurredAt: '2025-03-10T12:00:00Z' },
    ]);
    await api.data('mutation { revokeToken(id: "f81d4fae-7dec-41d0-a765-00a0c91e6bf6") { id } }');
  });

  /** Adds a sum that is longer than the others, and the next time takes it away. */
  async function changeFigures(): Promise<void> {
    const { api } = pages;
    if (world.big !== undefined) {
      await remove(api, world.big);
      world.big = undefined;
      return;
    }
    const event = { caregiverId: world.anna, eventTypeId: world.project, occurredAt: '2025-02-11T12:00:00Z' };
    world.big = (await registerPast(api, [event]))[0]?.id;
  }
  const totals = async (filter = {}) => (await readReport(pages.api, filter)).totals[0];
  const payouts = async () => (await pages.api.data('{ payouts { nodes { id } } }')).payouts.nodes;
  async function makePayout(): Promise<void> {
    const event = { caregiverId: world.anna, eventTypeId: world.visit, occurredAt: '2025-04-11T12:00:00Z' };
    await registerPast(pages.api, [event]);
    await pay(pages.api, { caregiverIds: [world.anna], fromMonth: '2025-04', toMonth: '2025-04' });
  }
  let registered = 0;
  async function registerNow(): Promise<void> {
    registered += 1;
    const occurredAt = new Date().toISOString();
    await register(pages.api, { caregiverId: world.anna, eventTypeId: world.visit, occurredAt });
  }

  const views: View[] = [
    { path: '/', ready: 'main a', press: 'main a', pressed: 'h1' },
    {
      path: '/report?from=2025-01-01&to=2025-12-31',
      ready: '[data-total]',
      update: changeFigures,
      updated: async () =>
        `[data-total="SEK total"] data[value="${(await totals({ toMonth: '2025-12' }))?.total.amount}"]`,
      press: 'main table:visible td button',
      pressed: '[role=dialog] table',
      height: 2_000,
    },
    {
      path: '/payouts',
      ready: 'main table',
      update: changeFigures,
      updated: async () => `section data[value="${(await totals())?.unreimbursed.amount}"]`,
      press: 'main tbody input',
      pressed: 'main tbody input:checked',
    },
    {
      path: '/payouts?tab=past',
      ready: 'main table',
      update: makePayout,
      updated: async () => `tbody tr:nth-child(${(await payouts()).length})`,
      press: 'main tbody button',
      pressed: '[role=dialog] table',
    },
    {
      path: '/register',
      isCaregivers: true,
      ready: '[role=radio]',
      update: registerNow,
      updated: async () => `li:nth-child(${registered})`,
      press: '[role=radio]',
      pressed: '[role=radio][aria-checked=true]',
    },
    ...['caregivers', 'eventTypes'].map((tab) => ({
      path: `/admin?tab=${tab}`,
      ready: 'main table',
      press: 'main tbody button',
      pressed: '[role=dialog] input',
    })),
    {
      path: '/admin?tab=units',
      ready: 'main table',
      press: '[role=tabpanel] button',
      pressed: '[role=dialog]',
    },
    {
      path: '/admin?tab=tokens',
      ready: 'main table',
      press: 'main form button[type=submit]',
      pressed: 'main input[aria-invalid=true]',
    },
    {
      path: '/admin?tab=audit',
      ready: 'main table',
      press: '[role=tab]:nth-of-type(2)',
      pressed: '[role=tab]:nth-of-type(2)[aria-selected=true]',
    },
    { path: '/api', ready: 'article', press: 'article summary', pressed: 'article details[open]' },
  ];

  walk(`has the font, of the package ${debianPackage}`, async () => {
    const page = await pages.open('/');
    await page.getByRole('heading').first().waitFor();
    expect(await fontsOf(page, 'h1')).toEqual([font]);
  });

  walk.each(locales)(
    'nothing moves by itself, and what is pressed is what was aimed at: %s',
    async (locale) => {
      const asAdmin = { as: { role: 'ADMIN' as const, name: 'Astrid' }, locale };
      const asCaregiver = {
        as: { role: 'CAREGIVER' as const, name: 'Anna', caregiverId: Number(world.anna) },
        locale,
      };
      const [admins, caregivers] = [await openAll(asAdmin), await openAll(asCaregiver)];
      const faults: string[] = [];
      for (const view of views) {
        const found = await faultsOf(view.isCaregivers ? caregivers : admins, view);
        faults.push(...found.map((fault) => `${view.path}, ${fault}`));
      }
      expect(faults).toEqual([]);
    },
    patienceMs,
  );

  /** A window of each width. */
  function openAll(options: object): Promise<Page[]> {
    return Promise.all(
      widths.map(async (width) => {
        const page = await pages.open('/', { ...options, viewport: { width, height: 800 } });
        await page.locator('main a').first().waitFor();
        await page.addInitScript(watchShifts);
        return page;
      }),
    );
  }

  async function faultsOf(windows: Page[], view: View): Promise<string[]> {
    const follow: ReturnType<typeof followFrames>[] = [];
    const inAll = <Value>(work: (page: Page, index: number) => Promise<Value>) =>
      Promise.all(windows.map(work));
    const update = async () => {
      if (!view.update) return;
      const told = follow.map(({ next }) => next());
      await view.update();
      await Promise.all(told);
    };
    await inAll(async (page, index) => {
      // All of the page, so that what moves below is seen to move, too.
      if (view.height !== undefined)
        await page.setViewportSize({ width: widths[index] ?? 0, height: view.height });
      await page.goto(new URL(view.path, page.url()).href, { waitUntil: 'commit' });
      // From here on: the page before may have opened a connection just now.
      follow[index] = followFrames(page);
      await page.locator(view.ready).first().waitFor();
      if (view.update) await follow[index]?.first();
    });
    await update();
    const updated = await view.updated?.();
    await inAll(async (page) => {
      if (updated !== undefined) await page.locator(updated).first().waitFor();
    });
    const missed = await inAll((page) => page.evaluate<string[]>(missedControls));
    const before = await inAll(async (page) => {
      const target = page.locator(view.press).first();
      await target.scrollIntoViewIfNeeded();
      const box = await boxOf(target);
      await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
      await page.mouse.down();
      return box;
    });
    await update();
    const shifts = await inAll((page) => page.evaluate<string[]>(takeShifts));
    const moved = await inAll(async (page, index) => {
      const after = await boxOf(page.locator(view.press).first());
      await page.mouse.up();
      await page.locator(view.pressed).first().waitFor();
      if (view.height !== undefined) await page.setViewportSize({ width: widths[index] ?? 0, height: 800 });
      const { x = 0, y = 0 } = before[index] ?? {};
      // A button that is pressed sinks by a pixel.
      return Math.abs(after.x - x) + Math.abs(after.y - y) > 1 ? ['what is pressed moves'] : [];
    });
    return widths.flatMap((width, index) =>
      [missed, shifts, moved].flatMap((found) =>
        (found[index] ?? []).map((fault) => `${width} px: ${fault}`),
      ),
    );
  }

  async function boxOf(target: Locator) {
    const box = await target.boundingBox();
    if (!box) throw new Error('it is not shown');
    return box;
  }
});

/** What the service tells a page from now on, by its WebSocket. */
function followFrames(page: Page) {
  let count = 0;
  let wake = () => {};
  page.on('websocket', (socket) =>
    socket.on('framereceived', ({ payload }) => {
      if (!String(payload).includes('"next"')) return;
      count += 1;
      wake();
    }),
  );
  const more = (than: number) =>
    new Promise<void>((resolve) => {
      wake = () => count > than && resolve();
      wake();
    });
  return { first: () => more(0), next: () => more(count) };
}

/** The families in which the first element of a selector is really drawn. */
async function fontsOf(page: Page, selector: string): Promise<string[]> {
  const session = await page.context().newCDPSession(page);
  await session.send('DOM.enable');
  await session.send('CSS.enable');
  const { root } = await session.send('DOM.getDocument');
  const { nodeId } = await session.send('DOM.querySelector', { nodeId: root.nodeId, selector });
  const { fonts: used } = await session.send('CSS.getPlatformFontsForNode', { nodeId });
  return used.map(({ familyName }) => familyName);
}

/** Notes what moves without anybody's doing. A list that is followed grows: its own rows may move, and nothing else. */
const watchShifts = `
  window.shifts = [];
  const nameOf = (node) => {
    const element = node instanceof Element ? node : node.parentElement;
    return element.tagName + '.' + element.className + ' ' + (element.textContent ?? '').slice(0, 40);
  };
  const isRow = (node) => {
    const element = node instanceof Element ? node : node?.parentElement;
    return !element || element.closest('tbody, .plain-list') !== null;
  };
  const note = (entries) => {
    for (const { hadRecentInput, sources } of entries) {
      if (hadRecentInput) continue;
      for (const { node, previousRect, currentRect } of sources) {
        if (isRow(node)) continue;
        const from = [previousRect.x, previousRect.y].map(Math.round);
        const to = [currentRect.x, currentRect.y].map(Math.round);
        window.shifts.push(nameOf(node) + ' moves from ' + from + ' to ' + to);
      }
    }
  };
  window.observer = new PerformanceObserver((list) => note(list.getEntries()));
  window.observer.observe({ type: 'layout-shift', buffered: true });
  window.noteShifts = note;
`;

/** All that has been noted until the next frame was drawn. */
const takeShifts = `
  new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))).then(() => {
    window.noteShifts(window.observer.takeRecords());
    return window.shifts.splice(0);
  })
`;

/** The controls at whose middle is something else, or which stand out of the window or hold more than they show. */
const missedControls = `
  [...document.querySelectorAll('main :is(a, button, input, select, textarea, summary, label)')].flatMap((control) => {
    const isShown = () => control.checkVisibility({ visibilityProperty: true, opacityProperty: true });
    if (!isShown() || control.disabled) return [];
    control.scrollIntoView({ block: 'center', inline: 'nearest' });
    const { x, y, width, height, right } = control.getBoundingClientRect();
    if (width < 2 || height < 2) return [];
    const name = control.tagName + ' ' + (control.textContent || control.ariaLabel || control.placeholder || '').slice(0, 40);
    if (x < 0 || right > innerWidth + 1) return [name + ' stands out of the window'];
    const hit = document.elementFromPoint(x + width / 2, y + height / 2);
    const isHit = control.contains(hit) || hit?.closest('label')?.control === control || hit?.contains(control);
    if (!isHit) return [name + ' is under ' + (hit?.tagName ?? 'nothing') + ' ' + hit?.textContent.slice(0, 40)];
    const isCut = control.tagName === 'BUTTON' && [control, ...control.querySelectorAll('*')].some(
      (part) => part.scrollWidth > part.clientWidth + 1 && getComputedStyle(part).overflowX !== 'visible',
    );
    return isCut ? [name + ' is cut off'] : [];
  }).concat(document.documentElement.scrollWidth > innerWidth ? ['the page is wider than the window'] : [])
`;
