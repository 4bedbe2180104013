import { describe, expect, it } from 'vitest';
import { earlyPromise, promise } from '../test/samples.ts';
import { allowance, entry, lede, span, standing, stress, tiles } from './promise.ts';

describe('a tile', () => {
  it('says what its figure rests on, and how much of the allowance is left', () => {
    expect(tiles(promise()).map((t) => [t.name, t.tone, t.basis, t.left?.toFixed(2)])).toEqual([
      ['Success rate', 'kept', '8,412 requests in 30 days', '0.43'],
      ['p95 latency', 'kept', 'first byte, 8,388 in 30 days', '0.56'],
      ['Average cost', 'kept', '$61.40 spent in 30 days', '0.51'],
    ]);
  });

  it('says instead what is still needed, or that nothing was asked yet', () => {
    expect(tiles(earlyPromise()).map((t) => t.basis)).toEqual([
      '2 of 2 answered, likely 34.23 % or more', 'first byte, 2 of about 60 needed', '$0 spent in 30 days',
    ]);
    expect(tiles(earlyPromise({ n: 0 })).map((t) => t.basis)).toEqual(Array(3).fill('no requests yet'));
  });

  it('has no bar where nothing is allowed yet, and an empty one where it is overdrawn', () => {
    expect(tiles(earlyPromise()).map((t) => t.left)).toEqual([null, null, null]);
    expect(tiles(promise({ success: { ...promise().success, left: -7 } }))[0].left).toBe(0);
  });

  it('is loud only where the allowance is getting short', () => {
    const tile = promise().words.success;
    const words = ['Healthy', 'Advisory', 'Watch', 'Careful', 'Used up', 'Frozen'];
    expect(words.map((word) => standing({ ...tile, standing: word }))).toEqual([null, null, 'risk', 'risk', 'broken', 'broken']);
  });
});

it('gives the number that is left a stronger voice, where there is one', () => {
  expect(stress('18 of 42 failures left')).toEqual(['18', ' of 42 failures left']);
  expect(stress('$1.20 over $126.18')).toEqual(['$1.20', ' over $126.18']);
  expect(stress('none allowed yet')).toEqual(['', 'none allowed yet']);
});

it('names the whole window', () => {
  const from = '2026-11-20T14:32:00Z';
  const window = (to: string) => span(promise({ window: { from, to } }));
  expect([window('2026-11-27T14:32:00Z'), window('2026-11-21T14:32:00Z'), window('2026-11-20T15:02:00Z')]).toEqual(['7 days', '24 h', '30 min']);
  // What is read of it begins at a full hour.
  expect([window('2026-12-20T15:31:00Z'), window('2026-11-21T15:20:00Z')]).toEqual(['30 days', '24 h']);
});

it('tells what the lede says from what it rests on', () => {
  expect(lede(promise())).toEqual({
    strong: 'You can still afford 18 failed requests.', rest: '8,412 requests in 30 days, observed 312 of 720 h.',
  });
  const basis = '0 requests in 30 days, observed 5 min of 30 d.';
  expect(lede(promise({ words: { ...promise().words, lede: basis, basis } }))).toEqual({ strong: '', rest: basis });
});

it('says of the budget what the lede has not said yet', () => {
  expect(allowance(promise())).toEqual({
    strong: '18 of 42 failures left.', rest: 'At this pace gone 28 Nov – 6 Dec. Not counted: 14 wrong in themselves.',
  });
  const words = { ...promise().words, not_counted: null, policy: 'Frozen to about 28 Nov.' };
  const frozen = { since: '2026-11-20T14:00:00Z', by_hand: false, reason: null, thaws: null };
  expect(allowance(promise({ words, frozen })).rest).toBe('At this pace gone 28 Nov – 6 Dec.');
  expect(allowance(promise({ words })).rest).toBe('At this pace gone 28 Nov – 6 Dec. Frozen to about 28 Nov.');
  expect(allowance(earlyPromise()).strong).toBe('Too early to say. 2 requests so far.');
});

it('tells a declared deploy from an outage', () => {
  expect(promise().entries.map(entry)).toEqual([
    { tone: 'declared', what: 'Deploy you declared: new prompt for Invoice reader.', effect: '5 requests failed' },
    { tone: 'broken', what: 'A provider’s outage.', effect: '19 requests failed' },
  ]);
});
