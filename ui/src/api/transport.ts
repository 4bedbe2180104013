/**
 * The two ways to the admin API: over HTTP in a browser, through one command of the desktop window.
 * Both carry the same paths and documents, so nothing above this file knows which one it is.
 */
import type { LiveEvent } from './shapes.ts';

export type Method = 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';

export interface Reply {
  status: number;
  body: unknown;
}

/** What a live connection tells: something happened, it broke, it is (back) up. */
export interface LiveListener {
  /** `null` says only that figures may have changed. */
  changed(event: LiveEvent | null): void;
  lost(): void;
  restored(): void;
}

export interface Transport {
  /** Rejects only when the router can't be reached; every answer, errors too, is a `Reply`. */
  call(method: Method, path: string, body?: unknown): Promise<Reply>;
  /** Listens until the returned function is called. */
  watch(listener: LiveListener): () => void;
}

/** A closed EventSource (an answer other than 200) never comes back by itself. */
const REOPEN_MS = 3_000;
const DESKTOP_POLL_MS = 1_000;

/** The page lies at `…/dashboard/`, the API beside it at `…/api/`. */
export function apiRoot(page: string): string {
  return new URL('../api/', page).toString();
}

export function httpTransport(root: string = apiRoot(document.baseURI)): Transport {
  const at = (path: string) => new URL(path.replace(/^\/api\//, ''), root).toString();
  return {
    async call(method, path, body) {
      const answer = await fetch(at(path), {
        method,
        credentials: 'same-origin',
        cache: 'no-store',
        headers: body === undefined ? {} : { 'content-type': 'application/json' },
        body: body === undefined ? null : JSON.stringify(body),
      });
      const text = await answer.text();
      return { status: answer.status, body: readJson(text) };
    },
    watch(listener) {
      let source: EventSource | null = null;
      let timer: ReturnType<typeof setTimeout> | undefined;
      const open = () => {
        source = new EventSource(at('/api/events'), { withCredentials: true });
        source.onopen = () => listener.restored();
        source.onerror = () => {
          listener.lost();
          if (source?.readyState === EventSource.CLOSED) timer = setTimeout(open, REOPEN_MS);
        };
        source.onmessage = (message: MessageEvent<string>) => listener.changed(readEvent(message.data));
      };
      open();
      return () => {
        clearTimeout(timer);
        source?.close();
      };
    },
  };
}

/** What Tauri puts on the page; typed by hand, so that the dashboard needs no package of Tauri's. */
interface Internals {
  invoke(command: string, payload: Record<string, unknown>): Promise<unknown>;
}

declare global {
  interface Window {
    __TAURI_INTERNALS__?: Internals;
  }
}

export function desktopTransport(internals: Internals): Transport {
  return {
    async call(method, path, body) {
      const answer = await internals.invoke('api', { method, path, body: body ?? null });
      return answer as Reply;
    },
    watch(listener) {
      const timer = setInterval(() => listener.changed(null), DESKTOP_POLL_MS);
      listener.restored();
      return () => clearInterval(timer);
    },
  };
}

export function chooseTransport(): Transport {
  const internals = window.__TAURI_INTERNALS__;
  return internals ? desktopTransport(internals) : httpTransport();
}

function readJson(text: string): unknown {
  try {
    return text === '' ? null : JSON.parse(text);
  } catch {
    return null;
  }
}

export function readEvent(data: string): LiveEvent | null {
  const value = readJson(data) as Partial<LiveEvent> | null;
  if (!value || typeof value.kind !== 'string' || typeof value.sentence !== 'string') return null;
  return {
    id: typeof value.id === 'number' ? value.id : 0,
    at: typeof value.at === 'string' ? value.at : new Date().toISOString(),
    kind: value.kind,
    sentence: value.sentence,
    data: value.data ?? null,
  };
}
