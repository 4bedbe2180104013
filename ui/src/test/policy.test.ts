/** What the strict content security policy would block must not be in the source in the first place. */
import { expect, it } from 'vitest';

const sources = import.meta.glob<string>(['../**/*.svelte', '../../index.html'], { query: '?raw', import: 'default', eager: true });

it.each([
  ['a style attribute', /\sstyle=/],
  ['an inline style sheet', /<style/],
  ['an event handler as text', /\son\w+="/],
  ['unescaped markup', /\{@html/],
  ['an address outside', /(?:src|href)="https?:/],
])('no template has %s', (_, forbidden) => {
  expect(Object.keys(sources).length).toBeGreaterThan(15);
  expect(Object.entries(sources).filter(([, text]) => forbidden.test(text)).map(([file]) => file)).toEqual([]);
});

it('the page has no script of its own, only a link to one', () => {
  const page = sources['../../index.html']!;
  expect([...page.matchAll(/<script([^>]*)>([^<]*)</g)].map((m) => [m[1]!.includes(' src='), m[2]])).toEqual([[true, '']]);
});
