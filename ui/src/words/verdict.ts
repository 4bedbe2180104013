/**
 * The sentence on top of Overview, from what the router knows by now: who serves, and whether anything failed lately.
 * Whether the promises are kept is for the router to say; until it does, nothing here pretends to know.
 */
import type { PracticeStatus, RequestRow, Status } from '../api/shapes.ts';
import { many } from './format.ts';
import { rescued } from './request.ts';
import type { Tone } from './tone.ts';

export interface Verdict {
  tone: Tone;
  sentence: string;
  /** The first words of the line below, in a stronger voice. */
  strong: string;
  rest: string;
}

export function verdict(status: Status, recent: RequestRow[], practice: PracticeStatus | null): Verdict {
  const said = plain(status, recent);
  if (!status.practice) return said;
  const chosen = practice?.providers.filter((p) => p.fault !== 'none').map((p) => `${p.name} ${faultWords(p.fault)} by your choice.`);
  return {
    ...said,
    sentence: `Practice: ${said.sentence}`,
    rest: [said.rest, ...(chosen ?? [])].filter((s) => s !== '').join(' '),
  };
}

/** `is down`: what a practice provider was told to do. */
export function faultWords(fault: string): string {
  return FAULT_WORDS[fault] ?? 'is faulty';
}

const FAULT_WORDS: Record<string, string> = {
  down: 'is down', overloaded: 'is overloaded', revoked: 'refuses the key', 'rate-limited': 'is rate limited', slow: 'is slow',
  hang: 'hangs', 'break-stream': 'breaks off its answers', garbage: 'sends garbage', refuse: 'refuses connections', flaky: 'is flaky',
};

function plain(status: Status, recent: RequestRow[]): Verdict {
  const primary = status.providers.find((p) => p.role === 'primary');
  const lately = record(recent);
  if (status.providers.length === 0) {
    return { tone: 'off', sentence: 'No provider yet.', strong: 'Add one to evenkeel.toml', rest: 'and every request goes there.' };
  }
  if (status.bypass.on) {
    return { tone: 'paused', sentence: `Bypass: everything goes to ${primary?.name ?? 'the primary'}.`, ...lately };
  }
  if (status.offline) return { tone: 'off', sentence: 'Offline.', ...lately };
  if (status.state === 'down') return { tone: 'broken', sentence: 'No provider can answer.', ...lately };
  if (status.serving === null || recent.length === 0) {
    // Before the first request nobody answers anything yet.
    const ready = primary ? `${primary.name} is ready.` : 'Ready.';
    return { tone: status.state === 'healthy' ? 'kept' : 'risk', sentence: ready, ...lately };
  }
  if (status.force !== null && status.serving === status.force) {
    return { tone: status.state === 'healthy' ? 'kept' : 'risk', sentence: `${status.serving} is answering, by your choice.`, ...lately };
  }
  if (primary && status.serving !== primary.name) {
    return { tone: 'risk', sentence: `${status.serving} has stepped in for ${primary.name}.`, ...lately };
  }
  return { tone: status.state === 'healthy' ? 'kept' : 'risk', sentence: `${status.serving} is answering.`, ...lately };
}

/** What the last requests came to, with their number, for no figure stands without it. */
function record(recent: RequestRow[]): { strong: string; rest: string } {
  const judged = recent.filter((r) => r.counted !== 'no');
  if (judged.length === 0) return { strong: 'No requests yet.', rest: 'Too early to judge the promises.' };
  const failed = judged.filter((r) => r.counted === 'bad').length;
  const saved = judged.filter(rescued).length;
  const last = judged.length === 1 ? 'the only request' : `the last ${many(judged.length, 'request')}`;
  const also = saved > 0 ? `${saved} rescued.` : '';
  if (failed === 0) return { strong: `Nothing failed in ${last}.`, rest: also };
  return { strong: `${failed} of ${last} failed.`, rest: also };
}
