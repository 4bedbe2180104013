import { describe, expect, it } from 'vitest';
import { failedRow, faulty, practiceStatus, rescuedRow, row, status } from '../test/samples.ts';
import { verdict } from './verdict.ts';

const said = (...given: Parameters<typeof verdict>) => {
  const v = verdict(...given);
  return `${v.tone}: ${v.sentence} ${v.strong} ${v.rest}`.trim();
};

describe('the verdict', () => {
  it('claims nothing about the promises before there is anything to judge', () => {
    expect(said(status(), [], null)).toBe('kept: openai is ready. No requests yet. Too early to judge the promises.');
  });

  it('says who answers and what became of the last requests', () => {
    expect(said(status(), [row(), row()], null)).toBe('kept: openai is answering. Nothing failed in the last 2 requests.');
    expect(said(status(), [failedRow(), rescuedRow(), row()], null)).toBe(
      'kept: openai is answering. 1 of the last 3 requests failed. 1 rescued.',
    );
  });

  it('says who has stepped in', () => {
    expect(said(status({ serving: 'anthropic', state: 'degraded' }), [rescuedRow()], null)).toBe(
      'risk: anthropic has stepped in for openai. Nothing failed in the only request. 1 rescued.',
    );
  });

  it('calls a person’s choice a choice, not a rescue', () => {
    expect(verdict(status({ serving: 'anthropic', force: 'anthropic' }), [row()], null)).toMatchObject({
      tone: 'kept', sentence: 'anthropic is answering, by your choice.',
    });
  });

  it('puts a mode before everything else', () => {
    expect(verdict(status({ bypass: { on: true, source: 'env', since: null } }), [], null).sentence).toBe('Bypass: everything goes to openai.');
    expect(verdict(status({ state: 'down', serving: null }), [failedRow()], null)).toMatchObject({ tone: 'broken', sentence: 'No provider can answer.' });
    expect(verdict(status({ offline: true }), [], null).sentence).toBe('Offline.');
    expect(verdict(status({ providers: [] }), [], null).sentence).toBe('No provider yet.');
  });

  it('carries the word in practice, and what was broken on purpose', () => {
    const v = verdict(practiceStatus({ serving: 'practice-b' }), [rescuedRow()], faulty('down'));
    expect(v.sentence).toBe('Practice: practice-b has stepped in for practice-a.');
    expect(v.rest).toBe('1 rescued. practice-a is down by your choice.');
  });

  it('leaves requests that count for nothing out of the record', () => {
    expect(verdict(status(), [row({ counted: 'no', status: 400 })], null).strong).toBe('No requests yet.');
  });
});
