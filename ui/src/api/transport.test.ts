import { afterEach, describe, expect, it, vi } from 'vitest';
import { Api, Refused, SignedOut, Unreachable } from './client.ts';
import { apiRoot, chooseTransport, desktopTransport, httpTransport, readEvent, type Reply } from './transport.ts';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
  delete window.__TAURI_INTERNALS__;
});

const replying = (reply: Reply) => new Api({ call: async () => reply, watch: () => () => {} });

describe('over HTTP', () => {
  it('finds the API beside the dashboard, wherever that is served', () => {
    expect(apiRoot('http://127.0.0.1:9950/dashboard/')).toBe('http://127.0.0.1:9950/api/');
    expect(apiRoot('http://127.0.0.1:9950/dashboard/index.html#/requests')).toBe('http://127.0.0.1:9950/api/');
    expect(apiRoot('https://box.example/evenkeel/dashboard/')).toBe('https://box.example/evenkeel/api/');
  });

  it('sends the session along and reads the answer', async () => {
    const fetched = vi.fn(async () => new Response('{"ok":true}', { status: 200 }));
    vi.stubGlobal('fetch', fetched);
    const reply = await httpTransport('http://h/api/').call('PUT', '/api/bypass', { on: false });
    expect(reply).toEqual({ status: 200, body: { ok: true } });
    expect(fetched).toHaveBeenCalledWith(
      'http://h/api/bypass',
      expect.objectContaining({ method: 'PUT', credentials: 'same-origin', body: '{"on":false}' }),
    );
  });

  it('hears what happens, and opens the stream again when it was refused', () => {
    vi.useFakeTimers();
    const sources: FakeSource[] = [];
    class FakeSource {
      static CLOSED = 2;
      readyState = 1;
      onopen: (() => void) | null = null;
      onerror: (() => void) | null = null;
      onmessage: ((message: MessageEvent) => void) | null = null;
      readonly url: string;
      constructor(url: string) {
        this.url = url;
        sources.push(this);
      }
      close() {
        this.readyState = 2;
      }
    }
    vi.stubGlobal('EventSource', FakeSource);
    const heard = { changed: vi.fn(), lost: vi.fn(), restored: vi.fn() };
    const stop = httpTransport('http://h/api/').watch(heard);
    const data = JSON.stringify({ id: 1, at: '2026-11-20T10:00:00Z', kind: 'switched', sentence: 'Switched to practice-b.', data: null });
    sources[0]!.onmessage?.(new MessageEvent('message', { data }));
    expect(heard.changed).toHaveBeenCalledWith(expect.objectContaining({ sentence: 'Switched to practice-b.' }));

    sources[0]!.readyState = 2;
    sources[0]!.onerror?.();
    expect(heard.lost).toHaveBeenCalledOnce();
    vi.advanceTimersByTime(3_000);
    expect(sources).toHaveLength(2);
    stop();
    expect(sources[1]!.readyState).toBe(2);
  });

  it('takes nothing that is not an event for one', () => {
    expect(readEvent('not json')).toBeNull();
    expect(readEvent('{"kind":"switched"}')).toBeNull();
  });
});

describe('in the desktop window', () => {
  it('passes method, path and body to the one command', async () => {
    const invoke = vi.fn(async () => ({ status: 200, body: { version: '1' } }));
    window.__TAURI_INTERNALS__ = { invoke };
    expect(await chooseTransport().call('GET', '/api/status')).toEqual({ status: 200, body: { version: '1' } });
    expect(invoke).toHaveBeenCalledWith('api', { method: 'GET', path: '/api/status', body: null });
  });

  it('looks once a second, until told to stop', () => {
    vi.useFakeTimers();
    const heard = { changed: vi.fn(), lost: vi.fn(), restored: vi.fn() };
    const stop = desktopTransport({ invoke: async () => null }).watch(heard);
    vi.advanceTimersByTime(3_100);
    expect(heard.changed).toHaveBeenCalledTimes(3);
    stop();
    vi.advanceTimersByTime(3_000);
    expect(heard.changed).toHaveBeenCalledTimes(3);
  });
});

describe('what an answer means', () => {
  it('takes an older router’s ignorance of keys for what it is', async () => {
    expect(await replying({ status: 404, body: { code: 'unknown_endpoint', message: 'There is no GET /api/keys.', hint: null } }).keys()).toBeNull();
    await expect(replying({ status: 500, body: null }).keys()).rejects.toBeInstanceOf(Refused);
  });

  it('tells no session, a refusal and no router apart', async () => {
    await expect(replying({ status: 401, body: null }).status()).rejects.toBeInstanceOf(SignedOut);
    const refusal = replying({ status: 409, body: { code: 'env_wins', message: 'The environment holds it.', hint: 'Unset BYPASS_ROUTER.' } });
    await expect(refusal.setBypass(false)).rejects.toMatchObject({ sentence: 'The environment holds it. Unset BYPASS_ROUTER.' });
    await expect(refusal.setBypass(false)).rejects.toBeInstanceOf(Refused);
    await expect(replying({ status: 200, body: null }).status()).rejects.toBeInstanceOf(Unreachable);
  });
});
