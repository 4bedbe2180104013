import { expect, it } from 'vitest';
import type { OfflineOptions } from './evenkeel-sw.d.ts';
import { settings } from './settings.ts';

const APP = 'https://app.example';
const check = (options: unknown) => () => settings(options as OfflineOptions, APP);

it('fills in what an app leaves out, and reads paths from the app’s own origin', () => {
  const all = settings({ paths: ['/v1/', 'https://ai.example:8443/v1'], maxBytes: undefined }, APP);
  expect(all.prefixes.map(String)).toEqual(['https://app.example/v1/', 'https://ai.example:8443/v1']);
  expect(all).toMatchObject({ maxBytes: 26_214_400, maxAgeSeconds: 2_592_000, shared: false, fallbackOn: [] });
  expect(all.separateBy).toEqual(['authorization', 'x-api-key']);
});

it.each([
  [undefined, /paths takes the addresses to keep/],
  [{}, /paths takes the addresses to keep/],
  [{ paths: [] }, /paths takes the addresses to keep/],
  [{ paths: '/v1' }, /paths takes a list of strings/],
  [{ paths: ['v1/chat'] }, /paths takes "\/…" or "https:\/\/…", not "v1\/chat"/],
  [{ paths: ['//ai.example/v1'] }, /paths takes/],
  [{ paths: ['/v1'], maxSize: 1 }, /maxSize is unknown; there are paths, promptVersion, maxBytes/],
  [{ paths: ['/v1'], maxBytes: 0 }, /maxBytes takes a number above 0/],
  [{ paths: ['/v1'], maxAgeSeconds: Number.NaN }, /maxAgeSeconds takes a number above 0/],
  [{ paths: ['/v1'], maxAgeSeconds: '1d' }, /maxAgeSeconds takes a number/],
  [{ paths: ['/v1'], separateBy: 'authorization' }, /separateBy takes a list of strings/],
  [{ paths: ['/v1'], fallbackOn: ['503'] }, /fallbackOn takes a list of numbers/],
  [{ paths: ['/v1'], streamEnd: [] }, /streamEnd takes a regular expression/],
])('says what is wrong with %j', (options, message) => {
  expect(check(options)).toThrow(message);
  expect(check(options)).toThrow(TypeError);
});
