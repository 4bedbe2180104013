/** Which requests are the worker's business, and which of them are the same question. */
import type { Settings } from './settings.ts';

/** Whether `url` is one of the configured addresses or lies below one: `/v1/chat` is not below `/v1/cha`. */
export function isBelow(prefixes: URL[], url: URL): boolean {
  return prefixes.some(({ origin, pathname }) => {
    const folder = pathname.endsWith('/') ? pathname : `${pathname}/`;
    return origin === url.origin && (url.pathname === pathname || url.pathname.startsWith(folder));
  });
}

/** Everything else passes as if there were no worker: pages, images, uploads, what its sender wants nowhere kept. */
export function isQuestion(request: Request, settings: Settings): boolean {
  return (
    /^(?:GET|POST)$/.test(request.method) &&
    // Set for what a page's markup loads, and for the page itself.
    !request.destination &&
    request.mode !== 'navigate' &&
    !request.headers.has('range') &&
    request.headers.get('x-evenkeel-cache') !== 'off' &&
    isBelow(settings.prefixes, new URL(request.url))
  );
}

/**
 * Whose question it is: the values of the headers that say so. `undefined` if none does, for a cookie may yet tell two
 * people apart, and a worker sees no cookies.
 */
export function owner(request: Request, settings: Settings): string[] | undefined {
  const values = settings.separateBy.map((name) => request.headers.get(name) ?? '');
  return settings.shared || values.some(Boolean) ? values : undefined;
}

/** What an answer is kept under. It is a hash as a whole, so neither a key nor a question can be read off it. */
export async function keyOf(request: Request, who: string[], settings: Settings): Promise<string> {
  const version = request.headers.get('x-evenkeel-prompt-version') ?? settings.promptVersion;
  const [address] = request.url.split('#');
  const body = await sha256(await request.arrayBuffer());
  return sha256(new TextEncoder().encode(JSON.stringify([request.method, address, version, who, body])));
}

async function sha256(bytes: BufferSource): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
