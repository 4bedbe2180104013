/** Tools that can be pointed at the router, in sentences. */
import type { ToolChange, ToolRow } from '../api/shapes.ts';
import { when } from './format.ts';
import type { Tone } from './tone.ts';

export type Way = 'connect' | 'disconnect';

export interface ToolWords {
  tone: Tone;
  word: string;
  /** What its owner should know. */
  note: string | null;
  /** What can be done with it; none where nothing would come of it. */
  ways: { way: Way; label: string }[];
}

const CONNECT = { way: 'connect' as const, label: 'Connect' };
const AGAIN = { way: 'connect' as const, label: 'Connect again' };
const DISCONNECT = { way: 'disconnect' as const, label: 'Disconnect' };

export function toolWords(row: ToolRow, now: Date): ToolWords {
  const since = row.since === null ? null : `Since ${when(new Date(row.since), now)}`;
  switch (row.state) {
    case 'connected':
      return { tone: 'kept', word: 'Connected', note: row.note ?? since, ways: [DISCONNECT] };
    case 'changed':
      return { tone: 'risk', word: 'Changed since', note: row.note ?? 'Some of what Evenkeel set is another’s by now. That stays as it is.', ways: [AGAIN, DISCONNECT] };
    case 'outdated':
      return { tone: 'risk', word: 'Points elsewhere', note: 'It has an address or a key from before.', ways: [AGAIN, DISCONNECT] };
    case 'unreadable':
      return { tone: 'broken', word: 'Can’t be read', note: row.note, ways: [DISCONNECT] };
    case 'unsupported':
      return { tone: 'off', word: 'can’t reach this computer', note: row.note, ways: [] };
    default:
      return { tone: 'off', word: row.found ? 'not connected' : 'not on this computer', note: row.note, ways: row.found ? [CONNECT] : [] };
  }
}

export interface DiffLine {
  kind: 'same' | 'gone' | 'new' | 'gap';
  text: string;
}

/** A unified diff without its head: the file is named beside it. */
export function diffLines(diff: string): DiffLine[] {
  const all = diff.replace(/\n$/, '').split('\n');
  const lines = all.slice(Math.max(all.findIndex((line) => line.startsWith('@@')), 0));
  return lines.flatMap((line, i): DiffLine[] => {
    if (line === '' || line.startsWith('\\')) return [];
    if (line.startsWith('@@')) return i === 0 ? [] : [{ kind: 'gap', text: '…' }];
    const kind = line.startsWith('+') ? 'new' : line.startsWith('-') ? 'gone' : 'same';
    return [{ kind, text: line.slice(1) }];
  });
}

/** What was done, in one sentence. */
export function doneWords(change: ToolChange, way: Way): string {
  if (way === 'connect') return `${change.name} is connected. A session that is open takes it up when it is started anew.`;
  return change.applied ? `${change.name} is as it was before.` : `${change.name} was not connected; there was nothing to take back.`;
}

/** What is left as it is, in one sentence; `null` where nothing is. */
export function leftWords(left: string[]): string | null {
  if (left.length === 0) return null;
  return `${left.join(', ')} ${left.length === 1 ? 'was' : 'were'} changed since and ${left.length === 1 ? 'stays' : 'stay'} as ${left.length === 1 ? 'it is' : 'they are'}.`;
}
