// The web app's own service worker.
importScripts('/evenkeel-sw.js');

evenkeel.offline({
  paths: ['/v1/chat/completions'],
  // Whose question it is. Your app's own word for it: a user's id, never a secret that changes.
  separateBy: ['x-demo-login'],
  // The small server between this page and Evenkeel says 502 when it can't reach it.
  fallbackOn: [502, 503, 504],
  // Only so that this demo works without a provider's key. Leave it out.
  practice: true,
});

// The page itself, so that it opens without a network. An app that is installable has something like this already.
const PAGE = ['/', '/app.js', '/tokens.css', '/app.css'];

addEventListener('install', (event) => {
  skipWaiting();
  event.waitUntil(caches.open('page').then((page) => page.addAll(PAGE)));
});

addEventListener('activate', (event) => event.waitUntil(clients.claim()));

addEventListener('fetch', (event) => {
  if (!PAGE.includes(new URL(event.request.url).pathname)) return;
  event.respondWith(fetch(event.request).catch(() => caches.match(event.request)));
});
