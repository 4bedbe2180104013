import { expect, it } from 'vitest';
import { alert, faulty, firingAlert, practiceStatus, rescuedRow, row, status } from '../test/samples.ts';
import { facts, type Seen } from './facts.ts';

const now = new Date('2026-11-20T11:00:00Z');
const heads = (seen: Partial<Seen>) =>
  facts({ status: status(), recent: [], practice: null, list: [], alerts: [], ...seen }, now).map((f) => `${f.tone ? `${f.tone}: ` : ''}${f.head} / ${f.line}`);

it('says what each provider did lately, and that there was no switch', () => {
  const recent = [row({ provider: 'openai' }), rescuedRow({ provider: 'anthropic' })];
  expect(heads({ recent })).toEqual([
    'openai is answering / answered 1 of the last 2 requests',
    'anthropic is ready / stepped in for 1 request',
    'No alert fires / no switch lately',
  ]);
});

it('shows a glyph only where something is off', () => {
  const [openai] = status().providers;
  const resting = { ...openai!, breakers: [{ model: 'gpt-5-mini', state: 'open' as const, reason: null, until: '2026-11-20T10:42:31Z' }] };
  expect(heads({ status: status({ providers: [resting] }) }).slice(0, 2)).toEqual([
    'risk: openai is resting / next try 10:42:31',
    'risk: No second provider / nothing can step in for the other',
  ]);
  expect(heads({ status: status({ providers: [{ ...openai!, key: 'missing' }] }) })[0]).toBe('risk: openai has no key / it gets no requests until it has one');
});

it('does not call a provider ready that was told to be down', () => {
  expect(heads({ status: practiceStatus(), practice: faulty('hang') })[0]).toBe('risk: practice-a hangs / by your choice');
});

it('dates the last switch', () => {
  const list = [{ id: '1', at: '2026-11-20T10:42:00Z', tone: 'switched' as const, what: 'Switched.', effect: '', request: null }];
  expect(heads({ list })[2]).toBe('No alert fires / last switch today at 10:42');
});

it('names the alert that fires, or counts several, and warns of one that is close', () => {
  expect(heads({ status: status({ alerts: [firingAlert({ kind: 'p95' })] }) })[2]).toBe('broken: Answers are too slow / no switch lately');
  expect(heads({ status: status({ alerts: [firingAlert(), firingAlert({ kind: 'p95' })] }) })[2]).toBe('broken: 2 alerts fire / no switch lately');
  expect(heads({ alerts: [alert({ state: 'pending' })] })[2]).toBe('risk: 1 alert is close / no switch lately');
});
