/**
 * A service worker's part that keeps an app's answers on the device: each good one is kept as it passes, and given
 * again when the network fails. It is loaded into the app's own worker and touches nothing but the configured paths.
 *
 * - `settings`: from what the app wrote to what is meant
 * - `question`: which requests are meant, and which are the same
 * - `answer`: which answers are good and whole, and how one from earlier looks
 * - `shelf`: where they are kept
 * - `room`: who has to go when there is no room
 *
 * It must never make things worse: whatever fails here, the app gets what it would have got without it.
 */
/// <reference lib="webworker" />
import { ageOf, fromEarlier, isGood, isPage, isWhole, toKeep } from './answer.ts';
import type { OfflineMessage, OfflineOptions } from './evenkeel-sw.d.ts';
import { isQuestion, keyOf, owner } from './question.ts';
import { settings as checked, type Settings } from './settings.ts';
import { find, keep, touch, type Kept } from './shelf.ts';

declare const self: ServiceWorkerGlobalScope;

/** Chromium breaks off an event that lasts for more than five minutes, and the stream with it. */
const EVENT_MS = 240_000;

/** After a failed write nothing is written until the browser starts the worker anew, which it does after every rest. */
let stopped = false;
/** Writes come one after the other, so that the first that fails is the only one to say so. */
let writing = Promise.resolve();
let hinted = false;

// A global and no export: this one form can be loaded by `importScripts` and by `import`.
globalThis.evenkeel = { offline };

function offline(options: OfflineOptions): void {
  const settings = checked(options, self.location.origin);
  self.addEventListener('fetch', (event) => {
    if (!isQuestion(event.request, settings)) return;
    const who = owner(event.request, settings);
    if (who) return event.respondWith(answer(event, who, settings));
    if (!hinted) {
      hinted = true;
      const names = settings.separateBy.join(', ');
      console.warn(`evenkeel: ${event.request.url} is not kept, for it has none of: ${names}. See separateBy, shared.`);
    }
  });
}

async function answer(event: FetchEvent, who: string[], settings: Settings): Promise<Response> {
  const { request } = event;
  // The network isn't kept waiting for a hash.
  const key = keyOf(request.clone(), who, settings).catch(() => undefined);
  let response: Response | undefined;
  let failure: unknown;
  try {
    response = await fetch(request);
  } catch (error) {
    failure = error;
  }
  if (response && isGood(response, settings)) return passOn(event, response, key, settings);
  const failed = !response || settings.fallbackOn.includes(response.status) || (response.ok && isPage(response));
  // A page that broke off wants no answer, and one that asked to refresh wants no old one.
  if (failed && !request.signal.aborted && request.headers.get('x-evenkeel-cache') !== 'refresh') {
    const earlier = await recall(event, await key, settings);
    if (earlier) return earlier;
  }
  if (response) return response;
  throw failure;
}

async function recall(event: FetchEvent, key: string | undefined, settings: Settings): Promise<Response | undefined> {
  const now = Date.now();
  try {
    const kept = key && (await find(key, now - 1000 * settings.maxAgeSeconds));
    if (!kept) return undefined;
    event.waitUntil(touch(kept.key, now).catch(() => undefined));
    const { method, url } = event.request;
    await tell(event, { type: 'evenkeel-offline', event: 'served', method, url, ageSeconds: ageOf(kept, now) });
    return fromEarlier(kept, now);
  } catch {
    return undefined;
  }
}

/**
 * The page gets each piece as it comes and as fast as it takes it; a copy is put aside, and kept after the last one.
 * A page that goes away takes the request to the network with it, and nothing is kept.
 */
function passOn(event: FetchEvent, response: Response, key: Promise<string | undefined>, settings: Settings): Response {
  if (stopped || !response.body) return response;
  let pieces: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  const { readable, writable } = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array>({
    transform(piece, out) {
      size += piece.byteLength;
      // More than all answers may take together is not held in memory either.
      if (size > settings.maxBytes) pieces = [];
      // A copy, for the page's side may take the bytes away.
      else pieces.push(piece.slice());
      out.enqueue(piece);
    },
  });
  const finish = async () => {
    const [known, body] = await Promise.all([key, new Blob(pieces).arrayBuffer()]);
    if (!known || size > settings.maxBytes || !isWhole(response.headers, body, settings.streamEnd)) return;
    writing = writing.then(() => write(event, toKeep(known, response, body, Date.now()), settings));
    await writing;
  };
  // Rejects when the connection breaks or the page leaves, who both know already.
  const kept = response.body.pipeTo(writable).then(finish, () => undefined);
  // A longer stream goes on after this: the page that reads it keeps the worker alive.
  event.waitUntil(Promise.race([kept, new Promise((resolve) => setTimeout(resolve, EVENT_MS))]));
  const { status, statusText, headers } = response;
  return new Response(readable, { status, statusText, headers });
}

/**
 * A browser that is out of room keeps what it has: deleting some of it would not help, for browsers give deleted room
 * free later, and the lack of it may be none of ours.
 */
async function write(event: FetchEvent, kept: Kept, settings: Settings): Promise<void> {
  if (stopped) return;
  try {
    await keep(kept, settings.maxBytes, kept.used - 1000 * settings.maxAgeSeconds);
  } catch (error) {
    stopped = true;
    const reason = error instanceof Error && error.name === 'QuotaExceededError' ? 'quota' : 'storage';
    await tell(event, { type: 'evenkeel-offline', event: 'not-kept', reason }).catch(() => undefined);
  }
}

async function tell(event: FetchEvent, message: OfflineMessage): Promise<void> {
  const page = await self.clients.get(event.clientId);
  page?.postMessage(message);
}
