import { describe, expect, it } from 'vitest';
import type { LiveEvent } from '../api/shapes.ts';
import { attempt, failedRow, rescuedRow, row } from '../test/samples.ts';
import { episodes, happenings, remember } from './happenings.ts';

const at = (minute: number) => `2026-11-20T10:${String(minute).padStart(2, '0')}:00Z`;
const event = (id: number, kind: string, minute: number, sentence = 'Said.'): LiveEvent => ({ id, at: at(minute), kind, sentence, data: null });

describe('episodes in the newest requests', () => {
  it('joins neighbouring rescues and failures into one switch, told from its beginning', () => {
    const list = episodes([
      row({ at: at(20) }), rescuedRow({ at: at(12) }), failedRow({ at: at(11) }), rescuedRow({ at: at(10), id: 'first' }), row({ at: at(5) }),
    ]);
    expect(list).toMatchObject([
      {
        id: 'first', request: 'first', at: at(10), tone: 'switched', what: 'Switched to practice-b. practice-a stopped answering.',
        effect: '2 rescued, 1 failed',
      },
    ]);
  });

  it('keeps apart what lies far apart, and ignores what counts for nothing', () => {
    const list = episodes([rescuedRow({ at: at(50) }), row({ at: at(49), counted: 'no', status: 400 }), rescuedRow({ at: at(10) })]);
    expect(list.map((h) => h.effect)).toEqual(['1 rescued, 0 failed', '1 rescued, 0 failed']);
  });

  it('says when nobody answered', () => {
    expect(episodes([failedRow()])[0]).toMatchObject({ tone: 'broken', what: 'No provider answered. practice-b could not be reached.', effect: '1 request failed' });
  });

  it('blames nobody for our own network', () => {
    expect(episodes([failedRow({ cause: 'own_network' })])[0]).toMatchObject({ tone: 'off', what: 'No network, and no saved answer.', effect: '1 request failed' });
  });

  it('claims no rescue where the first provider was not even asked', () => {
    const direct = rescuedRow({ attempts: [attempt({ provider: 'practice-b' })] });
    expect(episodes([direct])[0]).toMatchObject({ what: 'Switched to practice-b.', effect: '1 answered, 0 failed' });
  });

  it('finds nothing in good requests', () => {
    expect(episodes([row(), row()])).toEqual([]);
  });
});

describe('the list', () => {
  it('remembers events once, newest first, and single requests not at all', () => {
    let events = remember([], event(1, 'switched', 1));
    events = remember(events, event(2, 'bypass_changed', 2));
    events = remember(events, event(1, 'switched', 1));
    events = remember(events, event(3, 'settled', 3));
    expect(events.map((e) => e.id)).toEqual([2, 1]);
    // The router was started again and counts from 1.
    expect(remember(events, event(1, 'fault_set', 9)).map((e) => e.id)).toEqual([1, 2, 1]);
  });

  it('keeps the router’s own words, with the effect that the requests show', () => {
    const toldAt = '2026-11-20T10:10:04Z';
    const told = { ...event(7, 'switched', 0, 'Switched to practice-b; practice-a did not answer in time.'), at: toldAt };
    const list = happenings([told], [rescuedRow({ at: at(11) }), rescuedRow({ at: at(10), id: 'first' })]);
    expect(list).toMatchObject([{ at: toldAt, what: told.sentence, effect: '2 rescued, 0 failed', request: 'first' }]);
  });

  it('keeps switches that nobody told, from before the page was open', () => {
    const list = happenings([event(7, 'switched', 30, 'Back on practice-a.')], [row({ at: at(29) }), rescuedRow({ at: at(10) })]);
    expect(list.map((h) => h.what)).toEqual(['Back on practice-a.', 'Switched to practice-b. practice-a stopped answering.']);
  });
});
