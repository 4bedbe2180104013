/** Which answers are worth keeping, and how one from earlier looks. */
import type { Settings } from './settings.ts';
import type { Kept } from './shelf.ts';

/** An API doesn't answer with a page: that is a café's or an airport's sign-in, whatever its status says. */
export function isPage(response: Response): boolean {
  return kind(response.headers) === 'text/html';
}

/** Whether it may turn out to be one to keep, once it is there as a whole. */
export function isGood(response: Response, settings: Settings): boolean {
  return (
    response.ok &&
    // A part of an answer.
    response.status !== 206 &&
    !isPage(response) &&
    (settings.practice || response.headers.get('x-evenkeel-practice') !== 'true')
  );
}

/**
 * The connection ended well; but a stream may still have ended in an error that it told as an event, or without the
 * end that its dialect promises.
 */
export function isWhole(headers: Headers, body: ArrayBuffer, streamEnd: RegExp): boolean {
  const type = kind(headers);
  if (!/json$|^text\/event-stream$/.test(type)) return true;
  const text = new TextDecoder().decode(body);
  if (type.endsWith('json')) {
    try {
      JSON.parse(text);
      return true;
    } catch {
      return false;
    }
  }
  // `search` starts at the beginning whatever flags the expression has.
  return text.search(streamEnd) >= 0 && !/^(?:event: ?error\s*$|data: ?\{\s*"error")/m.test(text);
}

function kind(headers: Headers): string {
  return (headers.get('content-type') ?? '').split(';')[0]!.trim().toLowerCase();
}

/** The body is kept unpacked, and an answer from earlier costs nothing and tries nobody. */
const NOT_KEPT = ['content-encoding', 'content-length', 'x-evenkeel-attempts', 'x-evenkeel-cost-usd'];

export function toKeep(key: string, response: Response, body: ArrayBuffer, now: number): Kept {
  const headers = [...response.headers].filter(([name]) => !NOT_KEPT.includes(name));
  // The router may have had it from its own cache, so it may be older than its arrival here.
  const at = now - 1000 * (Number(response.headers.get('x-evenkeel-age')) || 0);
  const size = body.byteLength + JSON.stringify([key, headers]).length;
  return { key, used: now, size, at, status: response.status, headers, body };
}

export function ageOf(kept: Kept, now: number): number {
  return Math.max(0, Math.floor((now - kept.at) / 1000));
}

export function fromEarlier(kept: Kept, now: number): Response {
  const response = new Response(kept.body, { status: kept.status, headers: kept.headers });
  response.headers.set('x-evenkeel-served-by', 'cache');
  response.headers.set('x-evenkeel-cache', 'offline');
  response.headers.set('x-evenkeel-age', `${ageOf(kept, now)}`);
  return response;
}
