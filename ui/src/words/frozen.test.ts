import { expect, it } from 'vitest';
import { promise } from '../test/samples.ts';
import { frozenWords } from './frozen.ts';

const frozen = (name: string, policy: string) =>
  promise({ name, words: { ...promise().words, policy }, frozen: { since: '2026-11-20T14:00:00Z', by_hand: false, reason: null, thaws: null } });
const document = (...slos: ReturnType<typeof promise>[]) => ({ generated_at: '2026-11-20T14:32:00Z', book: 'real' as const, slos });

it('says the router’s sentence, and names the promises where each has its own', () => {
  const same = document(frozen('Everything', 'Frozen to about 28 Nov. Rollback is free.'), promise({ name: 'Acme' }));
  expect(frozenWords(same)).toBe('Frozen to about 28 Nov. Rollback is free.');
  const two = document(frozen('Everything', 'Frozen to about 28 Nov.'), frozen('Acme', 'Frozen to about 30 Nov.'));
  expect(frozenWords(two)).toBe('Frozen: Everything, Acme. Rollback is free.');
});

it('says less as long as the figures are not read', () => {
  expect(frozenWords(null)).toBe('Changes are frozen.');
});
