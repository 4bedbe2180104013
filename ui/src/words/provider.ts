/** One provider in words: how it stands, where its key comes from, what a test of it came to. */
import type { BreakerStatus, KeyRow, PracticeProvider, ProviderStatus, ProviderTest, RequestRow, Status, TestStep } from '../api/shapes.ts';
import { choice } from '../overview/faults.ts';
import { capital, clockSeconds, many, seconds } from './format.ts';
import { fault, rescued } from './request.ts';
import type { Tone } from './tone.ts';

export interface Standing {
  tone: Tone;
  word: string;
}

const BREAKER: Record<BreakerStatus['state'], Standing> = {
  open: { tone: 'risk', word: 'Resting' },
  parked: { tone: 'risk', word: 'Rate limited' },
  half_open: { tone: 'risk', word: 'Tried again' },
  closed: { tone: 'kept', word: 'Ready' },
};

/** Without one that works it gets no requests. */
export function lacksKey(p: ProviderStatus): boolean {
  return p.key === 'missing' || p.key === 'rejected';
}

/** The word at a card's right edge. `told` is what a practice provider was told to do. */
export function standing(p: ProviderStatus, status: Status, recent: RequestRow[], told: PracticeProvider | null): Standing {
  if (told && told.fault !== 'none') return { tone: 'risk', word: choice(told.fault).label };
  if (p.key === 'missing') return { tone: 'off', word: 'No key' };
  if (p.key === 'rejected') return { tone: 'broken', word: 'Key rejected' };
  if (p.role === null) return { tone: 'off', word: 'Not asked' };
  if (status.bypass.on && p.role === 'secondary') return { tone: 'paused', word: 'Not asked' };
  if (status.offline) return { tone: 'off', word: 'Offline' };
  const resting = p.breakers.find((b) => b.state !== 'closed');
  if (resting) return BREAKER[resting.state];
  if (status.state === 'down') return { tone: 'broken', word: 'Can’t answer' };
  // Before the first request nobody answers anything yet.
  const answers = p.name === status.serving && recent.length > 0;
  return { tone: 'kept', word: answers ? 'Answering' : 'Ready' };
}

/** What else there is to say of it, as sentences. */
export function said(p: ProviderStatus, status: Status, recent: RequestRow[]): string[] {
  if (p.role === null) return ['No route names it, so it gets no requests.'];
  const lines = p.breakers.filter((b) => b.state !== 'closed').map((b) => `${rest(b)}.${b.until ? ` ${capital(nextTry(b.until))}.` : ''}`);
  if (status.bypass.on && p.role === 'secondary') lines.push('Bypass is on: everything goes to the first provider.');
  else if (p.key === 'missing') lines.push('It gets no requests until it has a key.');
  return [...lines, `${capital(work(p, recent))}.`];
}

function rest(b: BreakerStatus): string {
  const words = { open: 'is resting', parked: 'is rate limited', half_open: 'is being tried again', closed: 'is ready' };
  return `${b.model ?? 'It'} ${words[b.state]}${b.reason ? `: ${fault(b.reason)}` : ''}`;
}

/** `next try 10:42:31`. */
export function nextTry(until: string): string {
  return `next try ${clockSeconds(new Date(until))}`;
}

/** What it did lately: `answered 41 of the last 60 requests`. */
export function work(p: ProviderStatus, recent: RequestRow[]): string {
  const own = recent.filter((r) => r.provider === p.name && r.counted === 'good' && r.served_by !== 'cache');
  const saves = own.filter((r) => rescued(r) && r.served_by === 'secondary');
  if (saves.length > 0) return `stepped in for ${many(saves.length, 'request')}`;
  return own.length === 0 ? 'no requests yet' : `answered ${own.length} of the last ${many(recent.length, 'request')}`;
}

export interface KeyWords {
  /** `••••4f2a`; the router shows four characters at most. */
  shown: string | null;
  from: string;
}

const FROM: Record<KeyRow['source'], string> = {
  keychain: 'in the keychain', env: 'from the environment', memory: 'for this run only', none: 'no key yet',
};

export function keyWords(p: ProviderStatus, row: KeyRow | null): KeyWords {
  if (p.key === 'none' || row?.state === 'none') return { shown: null, from: 'needs no key' };
  if (!row) return { shown: null, from: p.key === 'missing' ? FROM.none : 'set' };
  return { shown: row.source === 'none' ? null : `••••${row.last4 ?? ''}`, from: FROM[row.source] };
}

/** A key that we keep can be removed; one from the environment is its owner's. */
export function removable(row: KeyRow | null): boolean {
  return row?.source === 'keychain' || row?.source === 'memory';
}

const shortly = (row: KeyRow) => (row.last4 === null ? 'Its key' : `Its key ••••${row.last4}`);

/** What becomes of a provider's key when the provider is removed: we never throw away what we can't give back. */
export function keyAfterRemoval(row: KeyRow | null): string {
  if (row === null || row.source === 'none') return row?.state === 'none' ? 'It needs no key.' : 'It has no key.';
  if (row.source === 'env') return `${shortly(row)} stays in the environment it comes from.`;
  if (row.source === 'memory') return `${shortly(row)} is kept for this run, and gone when Evenkeel ends.`;
  return `${shortly(row)} stays in the keychain, for a provider that is added by this name again. To be rid of it, first choose Replace and Remove key.`;
}

/** And when it gets another name: keys are kept by name. */
export function keyAfterRename(name: string, row: KeyRow | null): string {
  if (row === null || row.source === 'none') return row?.state === 'none' ? 'It needs no key.' : 'It has no key yet.';
  if (row.source === 'env') return row.replaceable ? `${shortly(row)} comes from a variable named after ${name}; under the new name it is asked for again.` : `${shortly(row)} comes from the environment as before.`;
  return `${shortly(row)} is kept under ${name} and stays there; under the new name it is asked for again.`;
}

export interface StepWords {
  tone: Tone;
  words: string;
  detail: string | null;
}

const STEPS: Record<TestStep['step'], { yes: string; no: string; open: string }> = {
  reached: { yes: 'Reached', no: 'Not reached', open: 'Nothing was sent' },
  key_accepted: { yes: 'Key accepted', no: 'Key refused', open: 'Key not judged' },
  answered: { yes: 'Answered', no: 'No answer', open: 'Not asked for an answer' },
};

/** The three steps of a test, one line each. */
export function stepWords(test: ProviderTest): StepWords[] {
  return test.steps.map((step) => {
    const words = STEPS[step.step];
    const detail = step.detail === null ? null : capital(step.detail);
    if (step.ok === null) return { tone: 'off', words: words.open, detail };
    if (!step.ok) return { tone: 'broken', words: words.no, detail };
    const took = step.step === 'answered' && test.ms !== null ? ` one token in ${seconds(test.ms)}` : '';
    return { tone: 'kept', words: words.yes + took, detail };
  });
}

/** A test in a few words: `Works, 0.64 s`, `Key refused`. */
export function testWords(test: ProviderTest): Standing {
  if (test.ok) return { tone: 'kept', word: test.ms === null ? 'Works' : `Works, ${seconds(test.ms)}` };
  const failed = test.steps.find((s) => s.ok === false);
  return failed ? { tone: 'broken', word: STEPS[failed.step].no } : { tone: 'off', word: 'Not tested' };
}
