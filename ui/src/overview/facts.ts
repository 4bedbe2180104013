/** The three facts under the promises: the first provider, the second, and the alerts with the last switch. */
import type { AlertRow, BreakerStatus, PracticeStatus, ProviderStatus, RequestRow, Status } from '../api/shapes.ts';
import type { Happening } from '../state/happenings.ts';
import { firing, wrong } from '../words/alert.ts';
import { capital, many, when } from '../words/format.ts';
import { nextTry, work } from '../words/provider.ts';
import { faultWords } from '../words/verdict.ts';
import type { Tone } from '../words/tone.ts';

export interface Fact {
  /** Only where something is off. */
  tone: Tone | null;
  head: string;
  line: string;
}

/** What the facts are read from. */
export interface Seen {
  status: Status;
  recent: RequestRow[];
  practice: PracticeStatus | null;
  list: Happening[];
  /** Those of all promises. */
  alerts: AlertRow[];
}

export function facts(seen: Seen, now: Date): Fact[] {
  const role = (name: string) => seen.status.providers.find((p) => p.role === name);
  return [
    provider(role('primary'), 'No first provider', seen),
    provider(role('secondary'), 'No second provider', seen),
    { ...alarm(seen), line: lastSwitch(seen.list, now) },
  ];
}

function provider(p: ProviderStatus | undefined, none: string, { status, recent, practice }: Seen): Fact {
  if (!p) return { tone: 'risk', head: none, line: 'nothing can step in for the other' };
  const line = work(p, recent);
  const fault = practice?.providers.find((told) => told.name === p.name)?.fault ?? 'none';
  if (status.practice && fault !== 'none') return { tone: 'risk', head: `${p.name} ${faultWords(fault)}`, line: 'by your choice' };
  if (p.key === 'missing') return { tone: 'risk', head: `${p.name} has no key`, line: 'it gets no requests until it has one' };
  if (p.key === 'rejected') return { tone: 'risk', head: `${p.name} refuses the key`, line };
  const resting = p.breakers.find((b) => b.state !== 'closed');
  if (resting) return { tone: 'risk', head: `${p.name} ${rest(resting)}`, line: resting.until === null ? line : nextTry(resting.until) };
  if (status.state === 'down') return { tone: 'broken', head: `${p.name} can’t answer`, line };
  return { tone: null, head: `${p.name} is ${p.name === status.serving && recent.length > 0 ? 'answering' : 'ready'}`, line };
}

function rest(breaker: BreakerStatus): string {
  const words = { open: 'is resting', parked: 'is rate limited', half_open: 'is being tried again', closed: 'is ready' };
  return words[breaker.state];
}

function alarm({ status, alerts }: Seen): Pick<Fact, 'tone' | 'head'> {
  const [worst, ...more] = firing(status.alerts);
  if (worst && more.length > 0) return { tone: 'broken', head: `${many(more.length + 1, 'alert')} fire` };
  if (worst) return { tone: 'broken', head: capital(wrong(worst)) };
  const close = alerts.filter((a) => a.state === 'pending').length;
  return close > 0 ? { tone: 'risk', head: `${many(close, 'alert is', 'alerts are')} close` } : { tone: null, head: 'No alert fires' };
}

function lastSwitch(list: Happening[], now: Date): string {
  const last = list.find((h) => h.tone === 'switched');
  return last ? `last switch ${lower(when(new Date(last.at), now))}` : 'no switch lately';
}

/** `today at 10:42` inside a line. */
function lower(text: string): string {
  return text.replace(/^Today /, 'today at ');
}
