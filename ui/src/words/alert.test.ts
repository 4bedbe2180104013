import { describe, expect, it } from 'vitest';
import { alert, firingAlert, status } from '../test/samples.ts';
import { alertHeading, alertState, answers, firing, useOnly } from './alert.ts';

const [openai, anthropic] = status().providers;
const resting = { model: 'gpt-5-mini', state: 'open' as const, reason: 'server_error', until: null };

describe('an alert', () => {
  it('has a word for each state, and none of them good before there was a request', () => {
    const words = (['inactive', 'pending', 'firing', 'resolved'] as const).map((state) => alertState(alert({ state }), true).word);
    expect(words).toEqual(['Quiet', 'At risk', 'Firing', 'Resolved']);
    expect(alertState(alert(), false)).toEqual({ tone: 'off', word: 'No data' });
    expect(alertState(firingAlert({ acknowledged: true }), true)).toEqual({ tone: 'broken', word: 'Acknowledged' });
    expect(alertState(firingAlert({ kind: 'cost' }), true).tone).toBe('risk');
  });

  it('names its promise only where there are several', () => {
    expect(alertHeading(firingAlert(), false)).toBe('Too many requests fail.');
    expect(alertHeading(firingAlert({ slo: 'Acme' }), true)).toBe('Acme: too many requests fail.');
  });

  it('comes in the order of harm', () => {
    const list = [firingAlert({ kind: 'cost' }), alert({ kind: 'p95' }), firingAlert()];
    expect(firing(list).map((a) => a.kind)).toEqual(['success', 'cost']);
  });
});

describe('“Use only”', () => {
  it('offers the provider that is well, and of two the one that does not answer now', () => {
    expect(useOnly(firingAlert(), status())).toBe('anthropic');
    const down = status({ serving: 'anthropic', providers: [{ ...openai!, breakers: [resting] }, anthropic!] });
    expect(useOnly(firingAlert({ kind: 'p95' }), down)).toBe('anthropic');
    expect(useOnly(firingAlert(), status({ serving: 'anthropic', force: 'anthropic' }))).toBe('openai');
  });

  it('offers nothing where that would not help', () => {
    expect(useOnly(firingAlert({ kind: 'cost' }), status())).toBeNull();
    expect(useOnly(firingAlert(), status({ bypass: { on: true, source: 'env', since: null } }))).toBeNull();
    expect(useOnly(firingAlert(), status({ providers: [openai!] }))).toBeNull();
    expect(useOnly(firingAlert(), status({ providers: [{ ...openai!, breakers: [resting] }, { ...anthropic!, key: 'missing' }] }))).toBeNull();
  });
});

it('sums up what each channel did with the test', () => {
  const page = (channel: string, ok: boolean, error: string | null = null) => ({ kind: 'success', channel, ok, error });
  const sent = [page('desktop', true), page('desktop', true), page('desktop', true), page('webhook', false, 'It answered 500.'), page('webhook', true)];
  expect(answers(sent)).toEqual([
    { channel: 'Notifications', ok: true, words: 'took all three.' },
    { channel: 'Webhook', ok: false, words: 'took 1 of 2. It answered 500.' },
  ]);
});
