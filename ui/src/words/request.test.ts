import { describe, expect, it } from 'vitest';
import { attempt, failedRow, rescuedRow, row } from '../test/samples.ts';
import { answeredBy, attemptWords, clientSaw, counts, result } from './request.ts';
import { supportText } from './support.ts';

const lines = (r: Parameters<typeof counts>[0]) => counts(r).map((l) => `${l.strong ?? ''}${l.rest}`);

describe('how a request ended', () => {
  it('tells good, rescued, failed and not counted apart', () => {
    const all = [row(), rescuedRow(), failedRow(), row({ counted: 'no', status: 400, outcome: 'bad_request' })];
    expect(all.map((r) => result(r).word)).toEqual(['Good', 'Rescued', 'Failed', 'Not counted']);
  });

  it('counts a retry at the same provider as rescued', () => {
    const retried = row({ attempts: [attempt({ outcome: 'overloaded', status: 529 }), attempt({ n: 2 })] });
    expect(result(retried).word).toBe('Rescued');
  });

  it('names who answered', () => {
    expect([row(), row({ served_by: 'cache' }), failedRow({ provider: 'practice-b' })].map(answeredBy)).toEqual(['practice-a', 'saved', 'none']);
  });
});

describe('what the client saw', () => {
  it('says who wrote the answer, and for which model it was asked', () => {
    expect(clientSaw(rescuedRow())).toBe('A complete answer after 4.87 s, written by claude-haiku-4-5 for gpt-5-mini.');
    expect(clientSaw(row())).toBe('A complete answer after 1.80 s, written by gpt-5-mini.');
  });

  it('says what went wrong', () => {
    expect(clientSaw(failedRow())).toBe('Error 502 after 4.12 s: every provider failed.');
    expect(clientSaw(failedRow({ status: 503, outcome: 'connect' }))).toBe('Error 503 after 4.12 s: no provider could be reached.');
    expect(clientSaw(row({ outcome: 'broken_stream', counted: 'bad' }))).toBe('The beginning of an answer, then an error event after 1.80 s.');
    expect(clientSaw(row({ outcome: 'cancelled', counted: 'no' }))).toBe('Your client hung up after 1.80 s.');
    expect(clientSaw(row({ status: 418, outcome: 'something_new', counted: 'bad' }))).toBe('Error 418 after 1.80 s.');
  });
});

describe('how it counts', () => {
  it('explains a rescue', () => {
    expect(lines(rescuedRow({ cost_usd: 0.0061 }))).toEqual([
      'Answered. A failed attempt that was rescued is not a failure.',
      '2.41 s to the first byte, with the time lost at practice-a.',
      '$0.0061.',
      'practice-a’s own record: one failure.',
    ]);
  });

  it('names the cause of a failure and both providers’ records', () => {
    expect(lines(failedRow())).toEqual([
      'Failed. Cause: provider outage.',
      'practice-a’s own record: one failure.',
      'practice-b’s own record: one failure.',
    ]);
  });

  it('says why something is not counted, and whose book a practice row is in', () => {
    expect(lines(row({ counted: 'no', outcome: 'bad_request', status: 400, mode: 'practice' }))).toContain('Not counted. The request itself was wrong.');
    expect(lines(row({ mode: 'practice' }))).toEqual([
      'Answered.', '0.62 s to the first byte.', 'Cost not known: no price for this model.', 'Practice: kept in its own book.',
    ]);
  });
});

describe('an attempt', () => {
  it('is told in plain words with the status where there is one', () => {
    expect(attemptWords(attempt({ outcome: 'overloaded', status: 529 }), row())).toBe('overloaded (529)');
    expect(attemptWords(attempt({ outcome: 'first_token_timeout', status: null, total_ms: 2000 }), row())).toBe('silent for 2.00 s');
    expect(attemptWords(attempt(), rescuedRow())).toBe('first byte at 2.41 s');
    expect(attemptWords(attempt({ outcome: 'a_new_class', status: null }), row())).toBe('a new class');
  });
});

describe('support text', () => {
  it('carries the ids that a provider’s support asks for, attempt by attempt', () => {
    const text = supportText(rescuedRow({ id: '01ABC' }), '0.1.0');
    expect(text).toContain('Evenkeel 0.1.0, request 01ABC');
    expect(text).toContain('1. practice-a, gpt-5-mini: silent for 2.00 s, 2.00 s');
    expect(text).toContain('2. practice-b, claude-haiku-4-5: first byte at 2.41 s, 2.87 s, provider’s id req_b7');
  });
});
