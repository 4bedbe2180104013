import { describe, expect, it } from 'vitest';
import { ageOf, fromEarlier, isGood, isWhole, toKeep } from './answer.ts';
import { settings } from './settings.ts';

const made = settings({ paths: ['/v1'] }, 'https://app.example');
const bytes = (text: string) => new TextEncoder().encode(text).buffer;
const of = (type: string, status = 200, more: Record<string, string> = {}) =>
  new Response('{}', { status, headers: { 'content-type': type, ...more } });

it('takes whole, successful answers of an API', () => {
  expect(isGood(of('application/json'), made)).toBe(true);
  expect(isGood(of('application/json', 201), made)).toBe(true);
  for (const status of [206, 301, 404, 429, 500, 503]) expect(isGood(of('application/json', status), made), `${status}`).toBe(false);
  expect(isGood(of('text/html; charset=utf-8'), made)).toBe(false);
  const practice = of('application/json', 200, { 'x-evenkeel-practice': 'true' });
  expect(isGood(practice, made)).toBe(false);
  expect(isGood(practice, { ...made, practice: true })).toBe(true);
});

describe('a stream is whole', () => {
  it.each([
    ['chat', 'data: {"a":1}\n\ndata: [DONE]\n\n', true],
    ['chat, other line ends', 'data: {"a":1}\r\n\r\ndata:[DONE]\r\n\r\n', true],
    ['messages', 'event: message_stop\ndata: {"type":"message_stop"}\n\n', true],
    ['responses', 'event: response.completed\ndata: {}\n\n', true],
    ['responses, cut by its own limit', 'event: response.incomplete\ndata: {}\n\n', true],
    ['nothing', '', false],
    ['no end', 'data: {"a":1}\n\n', false],
    ['an end only in the text', 'data: {"text":"data: [DONE]\\ndata: [DONE]"}\n\n', false],
    ['an end cut short', 'data: [DON', false],
    ['another event', 'event: message_stopped\n\n', false],
    ['responses that failed', 'event: response.failed\ndata: {}\n\n', false],
    ['an error before the end', 'data: {"error":{"message":"x"}}\n\ndata: [DONE]\n\n', false],
    ['an error event', 'event: error\ndata: {}\n\nevent: message_stop\n\n', false],
    ['an error only in the text', 'data: {"text":"{\\"error\\": 1}"}\n\ndata: [DONE]\n\n', true],
  ])('%s', (_, text, whole) => {
    expect(isWhole(of('text/event-stream; charset=utf-8').headers, bytes(text), made.streamEnd)).toBe(whole);
  });

  it('by an end of the app’s own, whatever its flags', () => {
    const end = /^event: finished$/gm;
    const { headers } = of('text/event-stream');
    for (const _ of [1, 2]) expect(isWhole(headers, bytes('data: 1\n\nevent: finished\n\n'), end)).toBe(true);
    expect(isWhole(headers, bytes('data: [DONE]\n\n'), end)).toBe(false);
  });
});

it('takes JSON that can be read, and anything else as it is', () => {
  const whole = (type: string, text: string) => isWhole(of(type).headers, bytes(text), made.streamEnd);
  expect(whole('application/json', '{"a": 1}')).toBe(true);
  expect(whole('application/problem+json', '{"a": ')).toBe(false);
  expect(whole('application/octet-stream', '{"a": ')).toBe(true);
});

it('gives an answer again as it was, marked, with its age and without its cost', async () => {
  const headers = { 'x-evenkeel-cost-usd': '0.1', 'content-encoding': 'gzip', 'x-evenkeel-served-by': 'primary' };
  const kept = toKeep('k', of('application/json', 201, headers), bytes('{"a":1}'), 1_000_000);
  expect(kept).toMatchObject({ at: 1_000_000, used: 1_000_000, status: 201 });
  const again = fromEarlier(kept, 1_000_000 + 299_999);
  expect(again.status).toBe(201);
  expect(await again.json()).toEqual({ a: 1 });
  expect(Object.fromEntries(again.headers)).toEqual({
    'content-type': 'application/json',
    'x-evenkeel-served-by': 'cache',
    'x-evenkeel-cache': 'offline',
    'x-evenkeel-age': '299',
  });
});

it('is as old as the router said, and never younger than now', () => {
  const kept = toKeep('k', of('application/json', 200, { 'x-evenkeel-age': '60' }), bytes('{}'), 1_000_000);
  expect(ageOf(kept, 1_000_000)).toBe(60);
  expect(ageOf(kept, 0)).toBe(0);
  expect(toKeep('k', of('application/json', 200, { 'x-evenkeel-age': 'old' }), bytes('{}'), 5).at).toBe(5);
});
