import { describe, expect, it } from 'vitest';
import type { ProviderStatus } from '../api/shapes.ts';
import { faulty, keyRow, practiceStatus, providerTest, refusedTest, rescuedRow, row, status } from '../test/samples.ts';
import { keyWords, removable, said, standing, stepWords, testWords } from './provider.ts';

const openai = (over: Partial<ProviderStatus> = {}): ProviderStatus => ({ ...status().providers[0]!, ...over });
const anthropic = (over: Partial<ProviderStatus> = {}): ProviderStatus => ({ ...status().providers[1]!, ...over });
const resting = { model: 'gpt-5-mini', state: 'open' as const, reason: 'three failures in a row', until: '2026-11-20T10:42:31Z' };

describe('how a provider stands', () => {
  const word = (...given: Parameters<typeof standing>) => {
    const s = standing(...given);
    return `${s.tone}: ${s.word}`;
  };

  it('answers only once it has, and is ready before', () => {
    expect(word(openai(), status(), [], null)).toBe('kept: Ready');
    expect(word(openai(), status(), [row()], null)).toBe('kept: Answering');
    expect(word(anthropic(), status(), [row()], null)).toBe('kept: Ready');
  });

  it('says what is wrong with the key before anything else', () => {
    expect(word(openai({ key: 'missing' }), status(), [row()], null)).toBe('off: No key');
    expect(word(openai({ key: 'rejected', breakers: [resting] }), status(), [row()], null)).toBe('broken: Key rejected');
  });

  it('is not called ready while it rests, is bypassed, or does what practice told it', () => {
    expect(word(openai({ breakers: [resting] }), status(), [], null)).toBe('risk: Resting');
    expect(word(anthropic(), status({ bypass: { on: true, source: 'command', since: null } }), [], null)).toBe('paused: Not asked');
    expect(word(openai({ name: 'practice-a', key: 'none' }), practiceStatus(), [], faulty('down').providers[0]!)).toBe('risk: Down');
  });

  it('adds why, until when, and what it did lately', () => {
    expect(said(openai({ breakers: [resting] }), status(), [])).toEqual([
      'gpt-5-mini is resting: three failures in a row. Next try 10:42:31.', 'No requests yet.',
    ]);
    expect(said(openai({ breakers: [{ ...resting, reason: 'server_error' }] }), status(), [])[0]).toMatch(/^gpt-5-mini is resting: it answered with errors\. /);
    expect(said(anthropic(), status(), [rescuedRow({ provider: 'anthropic' }), row()])).toEqual(['Stepped in for 1 request.']);
    expect(said(openai({ key: 'missing' }), status(), [])[0]).toBe('It gets no requests until it has a key.');
  });
});

describe('where a key comes from', () => {
  it('is said with four characters at most', () => {
    const words = (...given: Parameters<typeof keyWords>) => {
      const k = keyWords(...given);
      return `${k.shown ?? ''} ${k.from}`.trim();
    };
    expect(words(openai(), keyRow())).toBe('••••4f2a in the keychain');
    expect(words(openai(), keyRow({ source: 'env' }))).toBe('••••4f2a from the environment');
    expect(words(openai(), keyRow({ source: 'memory', last4: null }))).toBe('•••• for this run only');
    expect(words(openai({ key: 'missing' }), keyRow({ source: 'none', last4: null, state: 'missing' }))).toBe('no key yet');
    expect(words(openai({ key: 'none' }), null)).toBe('needs no key');
  });

  it('can be removed only where we keep it', () => {
    expect([keyRow(), keyRow({ source: 'memory' }), keyRow({ source: 'env' }), keyRow({ source: 'none' }), null].map(removable)).toEqual([
      true, true, false, false, false,
    ]);
  });
});

describe('a test', () => {
  it('is told step by step, with the reason where it failed', () => {
    expect(stepWords(providerTest()).map((s) => `${s.tone}: ${s.words}`)).toEqual([
      'kept: Reached', 'kept: Key accepted', 'kept: Answered one token in 0.64 s',
    ]);
    expect(stepWords(refusedTest())).toEqual([
      { tone: 'kept', words: 'Reached', detail: null },
      { tone: 'broken', words: 'Key refused', detail: 'HTTP 401 for gpt-5-mini. Its key is refused; check it.' },
      { tone: 'off', words: 'Not asked for an answer', detail: null },
    ]);
  });

  it('is one word afterwards, and none that claims what was not tried', () => {
    const untried = providerTest({ ok: false, ms: null, error: 'no model is known', steps: providerTest().steps.map((s) => ({ ...s, ok: null })) });
    expect([providerTest(), refusedTest(), untried].map((t) => testWords(t).word)).toEqual(['Works, 0.64 s', 'Key refused', 'Not tested']);
  });
});
