import { describe, expect, it } from 'vitest';
import { isBelow, isQuestion, keyOf, owner } from './question.ts';
import { settings } from './settings.ts';
import type { OfflineOptions } from './evenkeel-sw.d.ts';

const APP = 'https://app.example';
const CHAT = `${APP}/v1/chat/completions`;
const made = (options: Partial<OfflineOptions> = {}) => settings({ paths: ['/v1/chat/completions'], ...options }, APP);
const asks = (body = '{}', headers: Record<string, string> = {}, url = CHAT) =>
  new Request(url, { method: 'POST', body, headers: { authorization: 'Bearer one', ...headers } });

it.each([
  ['/v1', '/v1', true],
  ['/v1', '/v1/models', true],
  ['/v1', '/v10', false],
  ['/v1/', '/v1/models', true],
  ['/v1/', '/v1', false],
  ['/', '/anything', true],
  ['https://ai.example', '/v1', false],
  ['https://ai.example/v1', 'https://ai.example/v1/messages', true],
  ['https://ai.example/v1', 'http://ai.example/v1/messages', false],
  ['https://ai.example/v1', 'https://ai.example:8443/v1/messages', false],
  ['/v1', '/v1?model=a', true],
])('%s covers %s: %s', (path, asked, covered) => {
  expect(isBelow(made({ paths: [path] }).prefixes, new URL(asked, APP))).toBe(covered);
});

describe('leaves alone', () => {
  it.each([
    ['another path', new Request(`${APP}/v1/files`, { method: 'POST' })],
    ['a change', new Request(CHAT, { method: 'DELETE' })],
    ['a part', new Request(CHAT, { headers: { range: 'bytes=0-9' } })],
    ['what its sender wants nowhere kept', asks('{}', { 'x-evenkeel-cache': 'off' })],
  ])('%s', (_, request) => {
    expect(isQuestion(request, made())).toBe(false);
  });

  it('and takes the rest', () => {
    expect(isQuestion(asks(), made())).toBe(true);
    expect(isQuestion(new Request(CHAT), made())).toBe(true);
  });
});

it('knows whose question it is, and when nobody says', () => {
  expect(owner(asks(), made())).toEqual(['Bearer one', '']);
  const silent = new Request(CHAT);
  expect(owner(silent, made())).toBeUndefined();
  expect(owner(silent, made({ shared: true }))).toEqual(['', '']);
  expect(owner(asks(), made({ separateBy: ['x-user'] }))).toBeUndefined();
  expect(owner(asks('{}', { 'x-user': '7' }), made({ separateBy: ['x-user'] }))).toEqual(['7']);
});

describe('the key', () => {
  const key = (request: Request, options: Partial<OfflineOptions> = {}) => {
    const all = made({ shared: true, ...options });
    return keyOf(request, owner(request, all)!, all);
  };

  it('is the same for the same question', async () => {
    const first = await key(asks('{"a":1}'));
    expect(first).toMatch(/^[0-9a-f]{64}$/);
    expect(await key(asks('{"a":1}', { 'x-evenkeel-id': 'other' }))).toBe(first);
    expect(await key(asks('{"a":1}', {}, `${CHAT}#part`))).toBe(first);
    expect(await key(asks('{"a":1}', { 'x-evenkeel-prompt-version': 'v1' }))).toBe(await key(asks('{"a":1}'), { promptVersion: 'v1' }));
  });

  it('is another for anything that may change the answer', async () => {
    const keys = await Promise.all([
      key(asks()),
      key(asks('{ }')),
      key(asks('{}', {}, `${CHAT}?a`)),
      key(asks('{}', {}, 'https://ai.example/v1/chat/completions')),
      key(new Request(CHAT, { method: 'PUT', body: '{}', headers: { authorization: 'Bearer one' } })),
      key(asks('{}', { authorization: 'Bearer two' })),
      key(asks('{}', { authorization: '', 'x-api-key': 'Bearer one' })),
      key(asks('{}', { authorization: '' })),
      key(asks(), { promptVersion: 'v1' }),
      key(asks(), { promptVersion: 'v2' }),
    ]);
    expect(new Set(keys).size).toBe(keys.length);
  });
});
