/**
 * The sentence on top of Overview. As a rule it is the router's own about its promises; what needs a person sooner, a
 * mode or a provider that can't answer, comes before it.
 */
import type { PracticeStatus, RequestRow, SloReport, Status } from '../api/shapes.ts';
import { firing, firingTone, wrong } from './alert.ts';
import { many } from './format.ts';
import { lede } from './promise.ts';
import { lacksKey } from './provider.ts';
import { rescued } from './request.ts';
import type { Tone } from './tone.ts';

export interface Verdict {
  tone: Tone;
  sentence: string;
  /** The first words of the line below, in a stronger voice. */
  strong: string;
  rest: string;
}

/** What the verdict is read from; `report` is the promise looked at, `null` while its figures can't be read. */
export interface Evidence {
  status: Status;
  report: SloReport | null;
  recent: RequestRow[];
  practice: PracticeStatus | null;
}

export function verdict({ status, report, recent, practice }: Evidence): Verdict {
  const below = report ? lede(report) : record(recent);
  const urgent = trouble(status, recent);
  const said = urgent ? { ...urgent, sentence: practised(status, urgent.sentence) } : report ? promised(status, report) : waiting(status, recent);
  if (!status.practice) return { ...below, ...said };
  const chosen = practice?.providers.filter((p) => p.fault !== 'none').map((p) => `${p.name} ${faultWords(p.fault)} by your choice.`);
  const { rest } = { ...below, ...said };
  return { ...below, ...said, rest: [rest, ...(chosen ?? [])].filter((s) => s !== '').join(' ') };
}

/** With `strong`, the line below is its own too. */
type Statement = Pick<Verdict, 'tone' | 'sentence'> & Partial<Verdict>;

/** The router's own sentences about promises carry the word already. */
function practised(status: Status, sentence: string): string {
  return status.practice ? `Practice: ${sentence}` : sentence;
}

/** A mode, or a provider that can't do its part: what needs a person before any promise does. */
function trouble(status: Status, recent: RequestRow[]): Statement | null {
  const routed = status.providers.filter((p) => p.role !== null);
  const primary = routed.find((p) => p.role === 'primary');
  if (status.providers.length === 0) {
    return { tone: 'off', sentence: 'No provider yet.', strong: 'Add one to evenkeel.toml', rest: 'and every request goes there.' };
  }
  if (status.bypass.on) return { tone: 'paused', sentence: `Bypass: everything goes to ${primary?.name ?? 'the primary'}.` };
  if (status.offline) return offline(status, recent);
  if (status.network.state === 'unreachable') return { tone: 'broken', sentence: 'No provider can be reached.' };
  if (status.state === 'down') return { tone: 'broken', sentence: 'No provider can answer.' };
  const keyless = routed.find(lacksKey);
  if (keyless) return { tone: 'risk', sentence: `${keyless.name} has no key that works.` };
  if (primary && status.serving !== null && status.serving !== primary.name && status.serving !== status.force && status.alerts.length === 0) {
    return { tone: 'risk', sentence: `${status.serving} has stepped in for ${primary.name}.` };
  }
  return null;
}

/** The first request that met it came before anybody knew. */
const BEFORE_KNOWN_MS = 5_000;

/** What still works without a network, and what the rest is counted as. */
function offline(status: Status, recent: RequestRow[]): Statement {
  const since = status.network.since ? Date.parse(status.network.since) - BEFORE_KNOWN_MS : 0;
  const rows = recent.filter((r) => Date.parse(r.at) >= since);
  const saved = rows.filter((r) => r.served_by === 'cache').length;
  const failed = rows.filter((r) => r.cause === 'own_network').length;
  const sentence = saved > 0 ? `Offline, ${many(saved, 'saved answer')} served.` : 'Offline.';
  if (failed === 0) return { tone: 'off', sentence, strong: 'Saved answers keep working.', rest: 'What else fails counts, cause: own network.' };
  const counts = failed === 1 ? 'It counts' : 'They count';
  return { tone: 'off', sentence, strong: `${many(failed, 'request')} failed`, rest: `for want of a saved answer. ${counts}, cause: own network.` };
}

/** How the promise stands over its window, and what is wrong with it just now. */
function promised(status: Status, report: SloReport): Statement {
  const { verdict: sentence } = report.words;
  const kept = report.met === true;
  const tone: Tone = report.met === false ? 'broken' : kept ? (status.state === 'healthy' ? 'kept' : 'risk') : 'off';
  const now = firing(status.alerts).find((a) => a.slo === report.name);
  if (!now) return { tone, sentence };
  const worst = tone === 'broken' ? tone : firingTone(now);
  if (kept) return { tone: worst, sentence: `${sentence.replace(/\.$/, '')}, but ${wrong(now)} now.` };
  return { tone: worst, sentence: `${sentence.replace(/\.$/, '')}, and ${wrong(now)} now.` };
}

/** Who answers, as long as the figures can't be read. */
function waiting(status: Status, recent: RequestRow[]): Statement {
  const tone: Tone = status.state === 'healthy' ? 'kept' : 'risk';
  const primary = status.providers.find((p) => p.role === 'primary');
  // Before the first request nobody answers anything yet.
  const idle = status.serving === null || recent.length === 0;
  const sentence = idle ? (primary ? `${primary.name} is ready.` : 'Ready.') : `${status.serving} is answering.`;
  return { tone, sentence: practised(status, sentence) };
}

/** `is down`: what a practice provider was told to do. */
export function faultWords(fault: string): string {
  return FAULT_WORDS[fault] ?? 'is faulty';
}

const FAULT_WORDS: Record<string, string> = {
  down: 'is down', overloaded: 'is overloaded', revoked: 'refuses the key', 'rate-limited': 'is rate limited', slow: 'is slow',
  hang: 'hangs', 'break-stream': 'breaks off its answers', garbage: 'sends garbage', refuse: 'refuses connections', flaky: 'is flaky',
};

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
