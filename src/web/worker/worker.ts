/**
 * Lets the registering page be opened where there is no connection. A visit asks the service first, so that a new version
 * is shown at once; what this version loads lies here, put by when it was installed. Answers of the API pass by.
 *
 * A new version's worker waits until no page of the old one is open, which may still load parts of its own version.
 *
 * The build turns this file alone into a script: it imports nothing.
 */
const worker = self as unknown as ServiceWorkerGlobalScope;

/** Put in front by the build: what the pages load, the script that begins it first, and a hash of all that. */
declare const shell: { files: string[]; version: string };

/** Where the page is shown without a connection; they are one document. */
const pages = ['/', '/register'];
const cacheName = `pages ${shell.version}`;
/** A connection that is worse than none: after so long the page is shown as it lies here. */
const patienceMs = 4_000;

worker.addEventListener('install', (event) => event.waitUntil(putBy()));
worker.addEventListener('activate', (event) => event.waitUntil(begin()));
worker.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== worker.location.origin) return;
  if (request.mode === 'navigate' && pages.includes(pathname)) event.respondWith(openPage(request));
  else if (shell.files.includes(pathname)) event.respondWith(loadFile(request));
});

/** @throws Error, where the service is between two versions; the browser tries again at the next visit */
async function putBy(): Promise<void> {
  const page = await fetch('/register', { cache: 'no-cache' });
  const text = await page.clone().text();
  if (!page.ok || !text.includes(shell.files[0] as string)) throw new Error('the page is of another version');
  const cache = await caches.open(cacheName);
  await cache.addAll(shell.files);
  await cache.put('/register', page);
}

/** Nothing of another version is open any more. */
async function begin(): Promise<void> {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith('pages ') && name !== cacheName);
  await Promise.all(old.map((name) => caches.delete(name)));
  await worker.clients.claim();
}

async function openPage(request: Request): Promise<Response> {
  const kept = await caches.match('/register', { cacheName });
  if (!kept) return fetch(request);
  const asked = fetch(request).then((answer) => (answer.status < 500 ? answer : kept));
  return Promise.race([asked.catch(() => kept), after(patienceMs).then(() => kept)]);
}

/** Files are named by their content: one that lies here is the right one. */
async function loadFile(request: Request): Promise<Response> {
  return (await caches.match(request, { cacheName, ignoreVary: true })) ?? fetch(request);
}

function after(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}
