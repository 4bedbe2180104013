import { describe, expect, it } from 'vitest';
import { earlyPromise, failedRow, faulty, firingAlert, practiceStatus, promise, rescuedRow, row, status } from '../test/samples.ts';
import { type Evidence, verdict } from './verdict.ts';

const look = (over: Partial<Evidence>) => verdict({ status: status(), report: promise(), recent: [], practice: null, ...over });
const said = (over: Partial<Evidence>) => {
  const v = look(over);
  return `${v.tone}: ${v.sentence} ${v.strong} ${v.rest}`.trim();
};

describe('the verdict', () => {
  it('opens with the promise, in the router’s own words', () => {
    expect(said({})).toBe(
      'kept: All three promises kept. You can still afford 18 failed requests. 8,412 requests in 30 days, observed 312 of 720 h.',
    );
    expect(look({})).toMatchObject({ strong: 'You can still afford 18 failed requests.' });
  });

  it('claims nothing as long as it is too early', () => {
    expect(look({ report: earlyPromise() })).toMatchObject({ tone: 'off', sentence: 'Too early to say. 2 requests so far.' });
  });

  it('says what is wrong just now beside what holds over the month', () => {
    const slow = status({ state: 'degraded', alerts: [firingAlert({ kind: 'cost' }), firingAlert({ kind: 'p95' })] });
    expect(look({ status: slow })).toMatchObject({ tone: 'risk', sentence: 'All three promises kept, but answers are too slow now.' });
    const failing = status({ state: 'degraded', alerts: [firingAlert({ kind: 'p95' }), firingAlert()] });
    expect(look({ status: failing })).toMatchObject({ tone: 'broken', sentence: 'All three promises kept, but too many requests fail now.' });
    const missed = promise({ met: false, words: { ...promise().words, verdict: 'Success promise missed.' } });
    expect(look({ status: failing, report: missed }).sentence).toBe('Success promise missed, and too many requests fail now.');
  });

  it('leaves another promise’s alert to that promise', () => {
    const alerts = [firingAlert({ slo: 'Acme' })];
    expect(look({ status: status({ state: 'degraded', alerts }) })).toMatchObject({ tone: 'risk', sentence: 'All three promises kept.' });
  });

  it('says who has stepped in, but calls a person’s choice a choice', () => {
    const stepped = status({ serving: 'anthropic', state: 'degraded' });
    expect(look({ status: stepped })).toMatchObject({ tone: 'risk', sentence: 'anthropic has stepped in for openai.' });
    expect(look({ status: status({ serving: 'anthropic', force: 'anthropic' }) }).sentence).toBe('All three promises kept.');
  });

  it('puts a mode and a key before every promise', () => {
    expect(look({ status: status({ bypass: { on: true, source: 'env', since: null } }) }).sentence).toBe('Bypass: everything goes to openai.');
    expect(look({ status: status({ state: 'down', serving: null }) })).toMatchObject({ tone: 'broken', sentence: 'No provider can answer.' });
    expect(look({ status: status({ providers: [] }) })).toMatchObject({ sentence: 'No provider yet.', strong: 'Add one to evenkeel.toml' });
    const [openai, anthropic] = status().providers;
    const keyless = status({ state: 'degraded', providers: [openai!, { ...anthropic!, key: 'rejected' }] });
    expect(look({ status: keyless })).toMatchObject({ tone: 'risk', sentence: 'anthropic has no key that works.' });
  });

  it('says what still works without a network, and what the rest counts as', () => {
    const network = { state: 'offline' as const, since: '2026-11-20T14:27:00Z', reason: 'no_route', saved_answers: 0, failed: 0 };
    const away = status({ offline: true, state: 'degraded', network });
    expect(said({ status: away })).toBe('off: Offline. Saved answers keep working. What else fails counts, cause: own network.');
    const failed = { counted: 'bad' as const, cause: 'own_network' as const, served_by: null };
    const recent = [
      failedRow({ ...failed, at: '2026-11-20T14:28:00Z' }), failedRow({ ...failed, at: '2026-11-20T14:26:58Z' }),
      row({ served_by: 'cache', at: '2026-11-20T14:29:00Z' }), failedRow({ ...failed, at: '2026-11-20T09:00:00Z' }),
    ];
    expect(said({ status: away, recent })).toBe(
      'off: Offline, 1 saved answer served. 2 requests failed for want of a saved answer. They count, cause: own network.',
    );
  });

  it('calls providers that nobody can reach an outage', () => {
    const network = { state: 'unreachable' as const, since: '2026-11-20T14:27:00Z', reason: 'openai, anthropic', saved_answers: 0, failed: 0 };
    expect(look({ status: status({ state: 'down', network }) })).toMatchObject({ tone: 'broken', sentence: 'No provider can be reached.' });
  });

  it('carries the word in practice once, and what was broken on purpose', () => {
    const stepped = look({ status: practiceStatus({ serving: 'practice-b' }), practice: faulty('down') });
    expect(stepped.sentence).toBe('Practice: practice-b has stepped in for practice-a.');
    expect(stepped.rest).toMatch(/720 h\. practice-a is down by your choice\.$/);
    const words = { ...promise().words, verdict: 'Practice: all three promises kept.' };
    expect(look({ status: practiceStatus(), report: promise({ words }) }).sentence).toBe('Practice: all three promises kept.');
  });
});

describe('while the figures can’t be read', () => {
  it('says who answers and what became of the last requests', () => {
    expect(said({ report: null })).toBe('kept: openai is ready. No requests yet. Too early to judge the promises.');
    expect(said({ report: null, recent: [failedRow(), rescuedRow(), row()] })).toBe(
      'kept: openai is answering. 1 of the last 3 requests failed. 1 rescued.',
    );
  });

  it('leaves requests that count for nothing out of the record', () => {
    expect(look({ report: null, recent: [row({ counted: 'no', status: 400 })] }).strong).toBe('No requests yet.');
  });
});
