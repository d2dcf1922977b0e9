import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page, Request } from 'playwright-core';
import {
  createCaregiver,
  createEventType,
  createUnit,
  pay,
  readTally,
  register,
  registerPast,
} from '../support/fixtures';
import { testToken } from '../support/tokens';
import { pagesForTests, seriousViolations, walk } from './browser';

const phone = { width: 390, height: 844 };
const hourMs = 3_600_000;

describe('the registering page, in a real browser', () => {
  const pages = pagesForTests();
  let unitId: string;
  let homeVisit: string;
  let longVisit: string;

  beforeAll(async () => {
    if (!pages.api) return;
    unitId = await createUnit(pages.api, { name: 'North' });
    longVisit = await createEventType(pages.api, { name: 'Long visit', amount: 98_000 });
    await createEventType(pages.api, { name: 'A call', amount: 12_000 });
    homeVisit = await createEventType(pages.api, { name: 'Home visit', amount: 45_000 });
  });

  walk('registers with a tap and undoes it, and a manager elsewhere sees both at once', async () => {
    const cleo = await someone('Cleo');
    const manager = await pages.open('/register', {
      as: { role: 'MANAGER', name: 'Mia', unitId: Number(unitId) },
    });
    await chooseCaregiver(manager, cleo.name);
    await manager.getByText('Nothing registered today.').waitFor();

    const page = await cleo.open();
    await tap(page, 'Home visit');
    await page.getByRole('status').getByText('Registered').waitFor();
    await entries(manager, 'Today').filter({ hasText: 'Home visit' }).waitFor({ timeout: 5_000 });
    expect(await cleo.counted()).toEqual({ amount: 45_000, events: 1 });

    await entries(page, 'Today')
      .getByRole('button', { name: /^Undo Home visit, / })
      .click();
    const question = page.getByRole('dialog', { name: 'Undo this event?' });
    await question.getByText('You can register it again.').waitFor();
    expect(await cleo.counted()).toEqual({ amount: 45_000, events: 1 });
    await question.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('status').getByText('Deleted').waitFor();
    await manager.getByText('Nothing registered today.').waitFor({ timeout: 5_000 });
    await page.getByText('Nothing registered today.').waitFor();
    expect(await cleo.counted()).toEqual({ amount: 0, events: 0 });
  });

  walk(
    'keeps what is registered offline through a reload, shows that it waits, and counts it once',
    async () => {
      const cleo = await someone('Cleo');
      const page = await cleo.open();
      await readyOffline(page);
      await goOffline(page);
      await tap(page, 'Home visit');
      await page.getByRole('status').getByText('Kept on this device').waitFor();
      await page.reload();
      await page.getByRole('heading', { level: 1, name: 'Register' }).waitFor();
      await page.getByText('No connection.').waitFor();
      expect(await entries(page, 'Not registered yet').allTextContents()).toEqual([
        expect.stringMatching(/^Home visit.*Waiting/),
      ]);
      await tap(page, 'Long visit');
      await page.reload();
      await entries(page, 'Not registered yet').nth(1).waitFor();
      expect(await cleo.counted()).toEqual({ amount: 0, events: 0 });

      await page.context().setOffline(false);
      await entries(page, 'Today').nth(1).waitFor();
      await page.getByText('Not registered yet').waitFor({ state: 'hidden' });
      expect(await cleo.counted()).toEqual({ amount: 143_000, events: 2 });
      await page.reload();
      await entries(page, 'Today').nth(1).waitFor();
      expect(await cleo.counted()).toEqual({ amount: 143_000, events: 2 });
      onlyConnectionProblems();
    },
  );

  walk('what was tapped by mistake offline is discarded, and never sent', async () => {
    const cleo = await someone('Cleo');
    const page = await cleo.open();
    await goOffline(page);
    await tap(page, 'Home visit');
    await tap(page, 'Long visit');
    await page.getByRole('button', { name: /^Discard Home visit/ }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Discard' }).click();
    await page.context().setOffline(false);
    await entries(page, 'Today').filter({ hasText: 'Long visit' }).waitFor();
    expect(await cleo.counted()).toEqual({ amount: 98_000, events: 1 });
    onlyConnectionProblems();
  });

  walk('counts once what the service has stored when its answer is lost', async () => {
    const cleo = await someone('Cleo');
    const page = await cleo.open();
    let sent = 0;
    const committed = signal();
    await page.route('**/graphql', async (route) => {
      if (!isRegistering(route.request())) return route.fallback();
      sent += 1;
      if (sent > 1) return route.fallback();
      await route.fetch();
      await route.abort('connectionreset');
      committed.give();
    });
    await tap(page, 'Home visit');
    await committed.given;
    expect(await cleo.counted()).toEqual({ amount: 45_000, events: 1 });
    // It may have arrived: only the service can tell, so there is nothing to discard.
    expect(await page.getByRole('button', { name: /^Discard/ }).count()).toBe(0);
    await page.getByText('Not registered yet').waitFor({ state: 'hidden' });
    expect(sent).toBe(2);
    expect(await cleo.counted()).toEqual({ amount: 45_000, events: 1 });
    onlyConnectionProblems();
  });

  walk('waits as long as an overloaded service asks for, and holds nothing up behind one event', async () => {
    const cleo = await someone('Cleo');
    const page = await cleo.open();
    const sent: string[] = [];
    await page.route('**/graphql', async (route) => {
      if (!isRegistering(route.request())) return route.fallback();
      const { eventTypeId } = route.request().postDataJSON().variables.input;
      sent.push(eventTypeId);
      if (sent.length > 2) return route.fallback();
      const error = { message: 'Too busy.', extensions: { code: 'OVERLOADED' } };
      // Longer than the test takes: only another tap makes it send again before.
      const seconds = sent.length === 1 ? '60' : '1';
      return route.fulfill({ status: 503, headers: { 'retry-after': seconds }, json: { errors: [error] } });
    });
    await tap(page, 'Home visit');
    await page.getByRole('status').getByText('Kept on this device').waitFor();
    await tap(page, 'Long visit');
    await entries(page, 'Today').nth(1).waitFor();
    // What has been tried in vain makes way for what has not.
    expect(sent.slice(0, 2)).toEqual([homeVisit, longVisit]);
    expect(await cleo.counted()).toEqual({ amount: 143_000, events: 2 });
    onlyConnectionProblems(/503/);
  });

  walk('shows why the service refuses; it can be corrected or discarded', async () => {
    const cleo = await someone('Cleo');
    const page = await cleo.open();
    const long = new Date(Date.now() - 13 * hourMs);
    await page.getByText('Another time').click();
    await page.getByLabel('Date and time (Europe/Stockholm)').fill(inStockholm(long));
    await page.getByText('That is more than 12 hours ago.').waitFor();
    await tap(page, 'Home visit');
    const reason = 'That is more than 12 hours ago. The manager of your unit can register it, with a reason.';
    await page.getByRole('status').getByText(reason).waitFor();
    await page.reload();
    await entries(page, 'Not registered yet').getByText(reason).waitFor();

    await page.getByRole('button', { name: /^Correct Home visit/ }).click();
    expect(await page.getByLabel('Date and time (Europe/Stockholm)').inputValue()).toBe(inStockholm(long));
    expect(await page.getByText('Not registered yet').count()).toBe(0);
    await page.getByRole('button', { name: 'Register' }).click();
    await entries(page, 'Not registered yet').getByText(reason).waitFor();
    await page.getByRole('button', { name: /^Discard Home visit/ }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Discard' }).click();
    await page.getByText('Not registered yet').waitFor({ state: 'hidden' });
    expect(await cleo.counted()).toEqual({ amount: 0, events: 0 });
  });

  walk('says in Swedish, and in local time, why the service refuses', async () => {
    const cleo = await someone('Cleo');
    const page = await cleo.open({ locale: 'sv-SE', timezoneId: 'America/New_York' });
    const queued = entries(page, 'Inte registrerat än');
    const tapAt = async (time: Date) => {
      await page.getByText('En annan tid').click();
      await page.getByLabel('Datum och tid (Europe/Stockholm)').fill(inStockholm(time));
      await tap(page, 'Home visit');
    };
    await tapAt(new Date(Date.now() - 13 * hourMs));
    const late = 'Det är mer än 12 timmar sedan. Din enhets chef kan registrera det, med ett skäl.';
    await queued.getByText(late).waitFor();
    await page.getByRole('button', { name: /^Kasta / }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Kasta' }).click();

    pages.api.setNow(Date.now() - hourMs);
    await tapAt(new Date());
    const future = await queued.getByText('Den tiden hade inte kommit än').textContent();
    const shown = new Date(Date.now() - hourMs).toLocaleString('sv-SE', {
      dateStyle: 'medium',
      timeZone: 'Europe/Stockholm',
    });
    expect(future).toMatch(new RegExp(`tjänstens klocka visade ${shown} \\d\\d:\\d\\d\\.`));
    pages.api.setNow(undefined);
    await page.getByRole('button', { name: /^Kasta / }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Kasta' }).click();

    // Paid by somebody else, which the page has not been told of.
    const { ids } = await registerFor(cleo.id, 1);
    await page.reload();
    await page.routeWebSocket(/graphql/, () => undefined);
    await page.reload();
    const undo = entries(page, 'I dag').getByRole('button', { name: /^Ångra / });
    await undo.waitFor();
    await pay(pages.api, { eventIds: ids });
    await undo.click();
    await page.getByRole('dialog').getByRole('button', { name: 'Ångra' }).click();
    const status = page.getByRole('status');
    await status.getByText('Händelsen är betald. Den kan varken tas bort eller betalas igen.').waitFor();
  });

  walk('undoes what was registered in the last two days, day by day', async () => {
    const cleo = await someone('Cleo');
    const noonMs = Date.parse(`${inStockholm(new Date()).slice(0, 10)}T12:00:00+01:00`);
    await registerPast(
      pages.api,
      [0, 1, 2, 3].map((days) => ({
        caregiverId: cleo.id,
        eventTypeId: longVisit,
        occurredAt: new Date(Math.min(noonMs - days * 24 * hourMs, Date.now())).toISOString(),
      })),
    );
    const page = await cleo.open();
    await entries(page, 'Today').first().waitFor();
    const dayBefore = new Date(noonMs - 48 * hourMs).toLocaleDateString('en-GB', { dateStyle: 'medium' });
    const headings = await page.getByRole('main').getByRole('heading', { level: 2 }).allTextContents();
    expect(headings).toEqual(['Today', 'Yesterday', dayBefore]);
    for (const day of ['Yesterday', dayBefore]) {
      await entries(page, day)
        .getByRole('button', { name: /^Undo Long visit, \d/ })
        .click();
      await page.getByRole('dialog').getByRole('button', { name: 'Undo' }).click();
      await page.getByRole('heading', { name: day }).waitFor({ state: 'detached' });
    }
    expect(await cleo.counted()).toEqual({ amount: 2 * 98_000, events: 2 });
  });

  walk.each(['en-GB', 'sv-SE'])('cuts off no button on a narrow phone, in %s', async (locale) => {
    const [undo, waits] =
      locale === 'sv-SE' ? ['Ångra', 'Inte registrerat än'] : ['Undo', 'Not registered yet'];
    for (const width of [320, 390]) {
      const cleo = await someone('Cleo');
      const page = await cleo.open({ locale, viewport: { width, height: 640 } });
      await page.route('**/graphql', (route) => {
        const { eventTypeId } = route.request().postDataJSON().variables?.input ?? {};
        return eventTypeId === longVisit ? route.abort() : route.fallback();
      });
      await tap(page, 'Long visit');
      await entries(page, waits).first().waitFor();
      await tap(page, 'Home visit');
      await page.getByRole('status').getByText(undo).waitFor();
      expect(await page.getByRole('button', { name: new RegExp(`^${undo} `) }).count()).toBe(2);
      const cut = await page.evaluate<string[]>(`[...document.querySelectorAll('main button, main button *')]
        .filter((part) => part.scrollWidth > part.clientWidth && getComputedStyle(part).overflowX !== 'visible')
        .map((part) => part.textContent)`);
      expect([width, cut]).toEqual([width, []]);
      expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBe(width);
      await page.unroute('**/graphql');
      await page.close();
    }
    onlyConnectionProblems();
  });

  walk('a manager registers late for somebody, with a reason', async () => {
    const cleo = await someone('Cleo');
    const page = await pages.open('/register', {
      as: { role: 'MANAGER', name: 'Mia', unitId: Number(unitId) },
    });
    await chooseCaregiver(page, cleo.name);
    await page.getByText('Another time').click();
    await page
      .getByLabel('Date and time (Europe/Stockholm)')
      .fill(inStockholm(new Date(Date.now() - 40 * hourMs)));
    await page.getByLabel('Why it comes later than 12 hours').fill('was away');
    await tap(page, 'Home visit');
    await page.getByRole('status').getByText('Registered').waitFor();
    const { events } = await pages.api.data(
      'query ($filter: EventFilter) { events(filter: $filter) { nodes { lateReason } } }',
      { filter: { caregiverIds: [cleo.id] } },
    );
    expect(events.nodes).toEqual([{ lateReason: 'was away' }]);
    await page.getByRole('button', { name: 'Undo what was just registered' }).click();
    await page.getByRole('status').getByText('Deleted').waitFor();
    expect(await cleo.counted()).toEqual({ amount: 0, events: 0 });
  });

  walk('two tabs share the queue, and each event is sent by one of them', async () => {
    const cleo = await someone('Cleo');
    const first = await cleo.open();
    const second = await cleo.openBeside(first);
    const sent: string[] = [];
    // What is answered: the browser says that it is online a little before requests get through.
    first.context().on('response', (response) => {
      const request = response.request();
      if (isRegistering(request)) sent.push(request.postDataJSON().variables.input.id);
    });
    await goOffline(first);
    await tap(first, 'Home visit');
    await tap(second, 'Long visit');
    for (const page of [first, second]) await entries(page, 'Not registered yet').nth(1).waitFor();
    await first.context().setOffline(false);
    for (const page of [first, second]) await entries(page, 'Today').nth(1).waitFor();
    expect(await cleo.counted()).toEqual({ amount: 143_000, events: 2 });
    expect(sent).toHaveLength(2);
    expect(new Set(sent).size).toBe(2);
    onlyConnectionProblems();
  });

  walk('an answer that was asked for before an event was registered takes it away no more', async () => {
    const cleo = await someone('Cleo');
    const page = await cleo.open();
    await page.getByText('Nothing registered today.').waitFor();
    const isListing = (request: Request) => request.postData()?.includes('RecentEventsOf') ?? false;
    const asked = signal();
    const registered = signal();
    await page.route('**/graphql', async (route) => {
      if (!isListing(route.request())) return route.fallback();
      const response = await route.fetch();
      asked.give();
      await registered.given;
      return route.fulfill({ response });
    });
    await page.evaluate("window.dispatchEvent(new Event('online'))");
    await asked.given;
    await registerFor(cleo.id, 1);
    await entries(page, 'Today').first().waitFor();

    await page.evaluate(`window.wasEmpty = false;
      new MutationObserver(() => { window.wasEmpty ||= document.body.innerText.includes('Nothing registered today.'); })
        .observe(document.body, { childList: true, subtree: true })`);
    const answered = page.waitForResponse((response) => isListing(response.request()));
    registered.give();
    await (await answered).finished();
    await registerFor(cleo.id, 1);
    await entries(page, 'Today').nth(1).waitFor();
    expect(await page.evaluate('window.wasEmpty')).toBe(false);
  });

  walk('follows changes again after a connection that has gone silent without being closed', async () => {
    const cleo = await someone('Cleo');
    const page = await cleo.open();
    let isSilent = false;
    await page.routeWebSocket('**/graphql', (socket) => {
      const server = socket.connectToServer();
      const isFirst = !isSilent;
      socket.onMessage((message) => {
        if (!isFirst || !isSilent) server.send(message);
      });
      server.onMessage((message) => {
        if (!isFirst || !isSilent) socket.send(message);
      });
    });
    await page.clock.install();
    await page.reload();
    await registerFor(cleo.id, 1);
    await entries(page, 'Today').first().waitFor();
    isSilent = true;
    await registerFor(cleo.id, 1);
    // Longer than it waits for a sign of the service; what was missed shows at once, without any other event.
    await page.clock.runFor(40_000);
    await entries(page, 'Today').nth(1).waitFor();
  });

  walk('what another tab has sent is not sent again, even where this one was not told of it', async () => {
    const cleo = await someone('Cleo');
    const first = await cleo.open();
    const second = await cleo.openBeside(first, deafTo('storage', 'online'));
    const requested: string[] = [];
    first.context().on('request', (request) => {
      if (isRegistering(request)) requested.push(request.postDataJSON().variables.input.id);
    });
    for (const page of [first, second]) await readyOffline(page);
    await goOffline(first);
    await tap(first, 'Home visit');
    // It knows of both from its start.
    await second.reload();
    await tap(second, 'Long visit');
    await entries(second, 'Not registered yet').nth(1).waitFor();
    await first.reload();
    await entries(first, 'Not registered yet').nth(1).waitFor();

    await first.context().setOffline(false);
    await entries(first, 'Today').nth(1).waitFor();
    await first.getByText('Not registered yet').waitFor({ state: 'hidden' });
    const byFirst = requested.length;
    await second.evaluate("window.dispatchEvent(new Event('focus'))");
    await second.getByText('Not registered yet').waitFor({ state: 'hidden' });
    expect(requested.slice(byFirst)).toEqual([]);
    expect(await cleo.counted()).toEqual({ amount: 143_000, events: 2 });
    onlyConnectionProblems();
  });

  walk('sends what was kept offline though the browser never says that it is online again', async () => {
    const cleo = await someone('Cleo');
    const page = await cleo.open();
    await page.addInitScript(deafTo('online', 'focus', 'pageshow', 'visibilitychange'));
    await page.reload();
    await goOffline(page);
    await tap(page, 'Home visit');
    await page.getByRole('status').getByText('Kept on this device').waitFor();
    await page.context().setOffline(false);
    await entries(page, 'Today').filter({ hasText: 'Home visit' }).waitFor();
    expect(await cleo.counted()).toEqual({ amount: 45_000, events: 1 });
    onlyConnectionProblems();
  });

  walk("somebody else on the same browser neither sees nor sends the first one's queue", async () => {
    const cleo = await someone('Cleo');
    const dora = await someone('Dora');
    const page = await cleo.open();
    await page.route('**/graphql', (route) =>
      isRegistering(route.request()) ? route.abort() : route.fallback(),
    );
    await tap(page, 'Home visit');
    await page.getByRole('status').getByText('Kept on this device').waitFor();
    await page.unroute('**/graphql');

    await dora.signIn(page);
    await page.getByRole('button', { name: dora.name }).waitFor();
    await page.getByText('Nothing registered today.').waitFor();
    expect(await page.getByText('Not registered yet').count()).toBe(0);
    await tap(page, 'Long visit');
    await entries(page, 'Today').filter({ hasText: 'Long visit' }).waitFor();
    expect(await cleo.counted()).toEqual({ amount: 0, events: 0 });
    expect(await dora.counted()).toEqual({ amount: 98_000, events: 1 });

    await cleo.signIn(page);
    await entries(page, 'Today').filter({ hasText: 'Home visit' }).waitFor();
    expect(await cleo.counted()).toEqual({ amount: 45_000, events: 1 });
    expect(await dora.counted()).toEqual({ amount: 98_000, events: 1 });
    onlyConnectionProblems();
  });

  walk('keeps the queue when the token has ended, and asks to sign in again', async () => {
    const cleo = await someone('Cleo');
    const page = await cleo.open();
    const token = await page.evaluate<string>('sessionStorage.getItem("caretally:token")');
    const { jti } = JSON.parse(Buffer.from(token.split('.')[1] as string, 'base64url').toString());
    // Between the tap and what it sends.
    await page.route('**/graphql', async (route) => {
      if (isRegistering(route.request())) {
        await pages.api.data('mutation ($id: ID!) { revokeToken(id: $id) { id } }', { id: jti });
      }
      return route.fallback();
    });
    await tap(page, 'Home visit');
    await page.getByRole('dialog').getByText('Your sign-in has ended.').waitFor();
    expect(await cleo.counted()).toEqual({ amount: 0, events: 0 });
    await page.unroute('**/graphql');
    await page.getByLabel('Or paste a token or a link').fill(await cleo.token());
    await page.getByRole('button', { name: 'Sign in' }).click();
    await entries(page, 'Today').filter({ hasText: 'Home visit' }).waitFor();
    expect(await cleo.counted()).toEqual({ amount: 45_000, events: 1 });
    onlyConnectionProblems(/401/);
  });

  walk('keeps what is chosen and typed through a reload, and puts the most used first', async () => {
    const cleo = await someone('Cleo');
    for (let times = 0; times < 2; times += 1) {
      await register(pages.api, {
        id: randomUUID(),
        caregiverId: cleo.id,
        eventTypeId: longVisit,
        occurredAt: new Date().toISOString(),
      });
    }
    const page = await cleo.open();
    await entries(page, 'Today').nth(1).waitFor();
    await page.getByRole('radio').first().getByText('Long visit').waitFor();
    expect(await page.getByRole('button', { name: 'Choose what was done' }).isDisabled()).toBe(true);
    await page.getByRole('radio', { name: /^A call/ }).click();
    await page.getByText('Another time').click();
    await page.getByLabel('Date and time (Europe/Stockholm)').fill('2026-03-10T07:15');
    await page.reload();
    expect(await page.getByLabel('Date and time (Europe/Stockholm)').inputValue()).toBe('2026-03-10T07:15');
    expect(await page.getByRole('radio', { name: /^A call/ }).isChecked()).toBe(true);
    await page.getByLabel('Date and time (Europe/Stockholm)').fill('2026-03-29T02:30');
    await page.getByText('Clocks do not show this time on that day.').waitFor();
    expect(await page.getByRole('button', { name: 'Register' }).isDisabled()).toBe(true);
  });

  walk(
    'asks which one is meant of a time that clocks show twice, and takes the one that was meant',
    async () => {
      const cleo = await someone('Cleo');
      const page = await pages.open('/register', {
        as: { role: 'MANAGER', name: 'Mia', unitId: Number(unitId) },
      });
      await chooseCaregiver(page, cleo.name);
      const time = page.getByLabel('Date and time (Europe/Stockholm)');
      const reason = page.getByLabel('Why it comes later than 12 hours');
      const longest = '🙂'.repeat(500);
      for (const which of ['The first one (UTC+02:00)', 'The second one (UTC+01:00)']) {
        await page.getByText('Another time').click();
        await time.fill('2025-10-26T01:30');
        expect(await page.getByText('Clocks show this time twice').count()).toBe(0);
        await time.fill('2025-10-26T02:30');
        expect(await page.getByRole('radio', { name: 'The first one' }).isChecked()).toBe(true);
        await page.getByRole('radio', { name: which }).click();
        await page.reload();
        expect(await page.getByRole('radio', { name: which }).isChecked()).toBe(true);
        // Characters are counted, and none is cut in half.
        await reason.fill(`${longest}🙂`);
        expect(await reason.inputValue()).toBe(longest);
        await tap(page, 'Home visit');
        await page.getByRole('status').getByText('Registered').waitFor();
      }
      const { events } = await pages.api.data(
        'query ($filter: EventFilter) { events(filter: $filter) { nodes { occurredAt lateReason } } }',
        { filter: { caregiverIds: [cleo.id] } },
      );
      expect(events.nodes).toEqual([
        { occurredAt: '2025-10-26T00:30:00.000Z', lateReason: longest },
        { occurredAt: '2025-10-26T01:30:00.000Z', lateReason: longest },
      ]);
    },
  );

  walk('is worked by keyboard, in Swedish', async () => {
    const cleo = await someone('Cleo');
    const page = await cleo.open({ locale: 'sv-SE' });
    await page.getByRole('radio', { name: /^A call/ }).focus();
    await page.keyboard.press('ArrowDown');
    await page.getByRole('radio', { name: /^Home visit/, checked: true }).waitFor();
    await page.getByRole('button', { name: 'Registrera' }).press('Enter');
    await page.getByRole('status').getByText('Registrerat').waitFor();
    await page
      .getByRole('region', { name: 'I dag' })
      .getByRole('button', { name: /^Ångra / })
      .press('Enter');
    await page.getByRole('dialog').getByRole('button', { name: 'Ångra' }).press('Enter');
    await page.getByRole('status').getByText('Borttaget').waitFor();
    expect(await cleo.counted()).toEqual({ amount: 0, events: 0 });
  });

  walk('loads at most 300 kB of compressed script', async () => {
    const cleo = await someone('Cleo');
    const sizes: Promise<number>[] = [];
    const page = await cleo.open({
      onResponse: (response) => {
        const request = response.request();
        if (request.resourceType() !== 'script' || request.serviceWorker()) return;
        sizes.push(request.sizes().then(({ responseBodySize }) => responseBodySize));
      },
    });
    await page.getByText('Nothing registered today.').waitFor();
    const sizesBytes = await Promise.all(sizes);
    expect(sizesBytes.length).toBeGreaterThan(0);
    expect(sizesBytes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(300_000);
  });

  walk('the worker names files that there are, and is asked for anew', async () => {
    const get = (url: string) => pages.api.server.inject({ method: 'GET', url });
    const worker = await get('/worker.js');
    expect(worker.headers).toMatchObject({
      'cache-control': 'no-cache',
      'content-type': expect.stringContaining('javascript'),
    });
    const { files } = JSON.parse(/^const shell = (.*);/.exec(worker.body)?.[1] as string) as {
      files: string[];
    };
    expect((await get('/register')).body).toContain(files[0]);
    expect(files.length).toBeGreaterThan(3);
    for (const file of files) expect([file, (await get(file)).statusCode]).toEqual([file, 200]);
  });

  walk('a new version waits until no page of the old one is open, and then takes its place', async () => {
    const cleo = await someone('Cleo');
    const page = await cleo.open();
    await readyOffline(page);
    const address = page.url();
    const [old] = await versions(page);
    const version = (old as string).replace('pages ', '');
    const newer = [...version].reverse().join('');
    const stop = rewriteWorker(pages.api.server.server, version, newer);
    await page.reload();
    await until(() =>
      page.evaluate('navigator.serviceWorker.getRegistration().then(({ waiting }) => waiting !== null)'),
    );
    expect(await versions(page)).toEqual([old, `pages ${newer}`]);

    // A page that is left and opened again at once may still find the old one, and be its page.
    await until(async () => {
      await page.goto('about:blank');
      await sleep(500);
      await page.goto(address);
      await readyOffline(page);
      return (await versions(page)).length === 1;
    });
    expect(await versions(page)).toEqual([`pages ${newer}`]);
    stop();
    await goOffline(page);
    await page.reload();
    await page.getByRole('radio', { name: /^Home visit/ }).waitFor();
    onlyConnectionProblems();
  });

  walk.each(['light', 'dark'] as const)('hinders nobody, in %s colours', async (colorScheme) => {
    const cleo = await someone('Cleo');
    for (const viewport of [phone, { width: 1280, height: 800 }]) {
      const page = await cleo.open({ colorScheme, viewport });
      await page.getByText('Another time').click();
      await page
        .getByLabel('Date and time (Europe/Stockholm)')
        .fill(inStockholm(new Date(Date.now() - 13 * hourMs)));
      await tap(page, 'Home visit');
      await page.getByText('Not registered yet').waitFor();
      await tap(page, 'Long visit');
      await entries(page, 'Today').first().waitFor();
      await page.getByRole('radio', { name: /^A call/ }).click();
      expect(await seriousViolations(page)).toEqual([]);
      const widthPx = await page.evaluate<number>('document.documentElement.scrollWidth');
      expect(widthPx).toBeLessThanOrEqual(viewport.width);
    }
  });

  /** A caregiver of the unit, of a name that nobody else has, who has a phone. */
  async function someone(called: string) {
    const name = `${called} ${randomUUID().slice(0, 8)}`;
    const id = await createCaregiver(pages.api, { name, unitId });
    const as = { role: 'CAREGIVER', name, caregiverId: Number(id) } as const;
    const token = () => testToken(as);
    return {
      id,
      name,
      token,
      open: (options: Parameters<typeof pages.open>[1] = {}) =>
        pages.open('/register', { as, viewport: phone, ...options }),
      async openBeside(page: Page, before = '// nothing') {
        const beside = await page.context().newPage();
        await beside.addInitScript(before);
        await beside.goto(`${page.url()}#token=${await token()}`);
        await beside.getByRole('radio', { name: /^Home visit/ }).waitFor();
        return beside;
      },
      async signIn(page: Page) {
        await page.evaluate(`location.hash = 'token=${await token()}'`);
      },
      /** What the report says. */
      counted: async () => (await readTally(pages.api, { caregiverIds: [id] })).owed,
    };
  }

  /** Registers events of now, as another client does. */
  async function registerFor(caregiverId: string, count: number): Promise<{ ids: string[] }> {
    const ids = Array.from({ length: count }, () => randomUUID());
    for (const id of ids) {
      const occurredAt = new Date().toISOString();
      await register(pages.api, { id, caregiverId, eventTypeId: longVisit, occurredAt });
    }
    return { ids };
  }

  /** What has gone wrong may only be that there was no connection, which a browser writes to its console by itself. */
  function onlyConnectionProblems(alsoExpected?: RegExp) {
    const others = pages
      .takeProblems()
      .filter((problem) => !/net::ERR_(INTERNET_DISCONNECTED|FAILED|CONNECTION_RESET)/.test(problem))
      .filter((problem) => !alsoExpected?.test(problem));
    expect(others).toEqual([]);
  }
});

/** Chooses what was done, and registers it. */
async function tap(page: Page, eventType: string): Promise<void> {
  await page.getByRole('radio', { name: new RegExp(`^${eventType}`) }).click();
  await page.getByRole('button', { name: /^(Register|Registrera)$/ }).click();
}

async function chooseCaregiver(page: Page, name: string): Promise<void> {
  await page.getByRole('combobox', { name: 'Caregiver' }).fill(name);
  await page.getByRole('option', { name }).click();
}

/** The entries of one of the lists, by its heading. */
function entries(page: Page, heading: string) {
  return page.getByRole('region', { name: heading }).getByRole('listitem');
}

/** Waits until the worker has put by what the page needs. */
async function readyOffline(page: Page): Promise<void> {
  await page.evaluate('navigator.serviceWorker.ready.then(() => undefined)');
  await page.waitForFunction('navigator.serviceWorker.controller !== null');
}

/** Lets the service send another version of the worker. Browsers fetch it where Playwright cannot step in between. */
function rewriteWorker(server: Server, version: string, newer: string): () => void {
  const rewrite = (request: IncomingMessage, response: ServerResponse) => {
    if (request.url !== '/worker.js') return;
    delete request.headers['if-none-match'];
    delete request.headers['if-modified-since'];
    const write = response.write.bind(response) as (chunk: unknown, ...rest: unknown[]) => boolean;
    response.write = (chunk: unknown, ...rest: unknown[]) =>
      write(String(chunk).replace(version, newer), ...rest);
  };
  server.prependListener('request', rewrite);
  return () => void server.off('request', rewrite);
}

/** Looks until something is so, at most as long as a test may take. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 50));
}

/** What one part of a test waits for and another gives. */
function signal() {
  let give = () => {};
  const given = new Promise<void>((resolve) => {
    give = resolve;
  });
  return { given, give };
}

/** The versions of the page that are put by. */
function versions(page: Page): Promise<string[]> {
  return page.evaluate<string[]>('caches.keys()');
}

async function goOffline(page: Page): Promise<void> {
  await page.getByRole('radio', { name: /^Home visit/ }).waitFor();
  await page.context().setOffline(true);
}

/** A script that keeps events of a page's window from all that listen to them. */
function deafTo(...events: string[]): string {
  return `for (const event of ${JSON.stringify(events)}) {
    window.addEventListener(event, (heard) => heard.isTrusted && heard.stopImmediatePropagation(), true);
  }`;
}

function isRegistering(request: Request): boolean {
  return request.postData()?.includes('RegisterEvent(') ?? false;
}

/** As an input takes it. */
function inStockholm(instant: Date): string {
  return instant.toLocaleString('sv-SE', { timeZone: 'Europe/Stockholm' }).slice(0, 16).replace(' ', 'T');
}
