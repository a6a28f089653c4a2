// The site's service worker: keeps each file of the site that has come over
// the network, and gives it when the network does not. The network always has
// the first word, so that a new version is seen at once.

const scope = /** @type {any} */ (globalThis);
const shelf = "grapevine";

scope.addEventListener("install", () => scope.skipWaiting());
scope.addEventListener("activate", (/** @type {any} */ event) => event.waitUntil(scope.clients.claim()));

// The page's first visit ran without this worker: it says what it has loaded.
scope.addEventListener("message", (/** @type {any} */ event) => {
  event.waitUntil(caches.open(shelf).then((cache) => Promise.allSettled(event.data.map((/** @type {string} */ url) => cache.add(url)))));
});

scope.addEventListener("fetch", (/** @type {any} */ event) => {
  const url = new URL(event.request.url);
  if (event.request.method === "GET" && url.origin === location.origin) event.respondWith(answer(event));
});

/** @param {any} event */
async function answer(event) {
  const { request } = event;
  try {
    const response = await fetch(request);
    if (response.ok) {
      const copy = response.clone();
      event.waitUntil(caches.open(shelf).then((cache) => cache.put(request, copy)));
    }
    return response;
  } catch (error) {
    // The language and theme in the address make no other page.
    const kept = await caches.match(request, { ignoreSearch: true });
    if (kept) return kept;
    throw error;
  }
}
