import { describe, expect, it } from 'vitest';
import css from './tokens.css?raw';

type Theme = Record<string, string>;

const pick = (block: string): Theme => Object.fromEntries([...block.matchAll(/--([\w-]+):\s*(#[0-9A-Fa-f]{6})/g)].map((m) => [m[1]!, m[2]!]));
const light = pick(css.split('@media')[0]!);
const chosenDark = pick(css.split(':root[data-theme="dark"]')[1]!);
const systemDark = pick(css.split('prefers-color-scheme: dark')[1]!.split(':root[data-theme="dark"]')[0]!);

/** Relative luminance and contrast as WCAG 2.2 defines them. */
function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((i) => {
    const c = parseInt(hex.slice(i, i + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function ratio(a: string, b: string): number {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

const grounds = ['bg', 'surface', 'sunken'];
const states = ['accent', 'ok', 'risk', 'broken'];
const text: [string, string][] = [
  ...['text', 'muted', ...states].flatMap((t) => grounds.map((g): [string, string] => [t, g])),
  ...states.map((s): [string, string] => [s, `${s}-soft`]),
  ...states.map((s): [string, string] => ['text', `${s}-soft`]),
  ['muted', 'accent-soft'], ['broken', 'accent-soft'], // a failed row, selected
  ['on-accent', 'accent'], ['on-broken', 'broken'],
];

describe.each([['light', light], ['dark', chosenDark]])('the %s theme', (_, theme) => {
  it('has every text at 4.5:1 or better', () => {
    const weak = text.filter(([t, g]) => ratio(theme[t]!, theme[g]!) < 4.5);
    expect(weak).toEqual([]);
  });

  it('has the edges of controls at 3:1 or better', () => {
    expect(grounds.filter((g) => ratio(theme['control']!, theme[g]!) < 3)).toEqual([]);
  });
});

it('is the same dark whether the system or the reader chose it', () => {
  expect(chosenDark).toEqual(systemDark);
  expect(Object.keys(chosenDark).length).toBeGreaterThan(10);
});
