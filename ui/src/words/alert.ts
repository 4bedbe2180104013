/** The three alerts in words, and what can be done about one that fires. */
import type { AlertRow, Status, TestedPage } from '../api/shapes.ts';
import { capital } from './format.ts';
import { lacksKey } from './provider.ts';
import type { Tone } from './tone.ts';

type Kind = AlertRow['kind'];

/** What is wrong while one fires, inside a sentence. */
const WRONG: Record<Kind, string> = {
  success: 'too many requests fail', p95: 'answers are too slow', cost: 'requests cost too much',
};

const NAMES: Record<Kind, string> = { success: 'Success', p95: 'p95 latency', cost: 'Average cost' };

const STATES: Record<Exclude<AlertRow['state'], 'firing'>, { tone: Tone; word: string }> = {
  inactive: { tone: 'kept', word: 'Quiet' },
  pending: { tone: 'risk', word: 'At risk' },
  resolved: { tone: 'kept', word: 'Resolved' },
};

/** Requests that fail are worse than slow ones, and those worse than dear ones. */
const WEIGHT: Record<Kind, number> = { success: 0, p95: 1, cost: 2 };

export const wrong = (row: AlertRow): string => WRONG[row.kind];
export const alertName = (row: AlertRow): string => NAMES[row.kind];

/** `seen`: there were requests to judge; without any, quiet is no good news. */
export function alertState(row: AlertRow, seen: boolean): { tone: Tone; word: string } {
  if (row.state === 'firing') return { tone: firingTone(row), word: row.acknowledged ? 'Acknowledged' : 'Firing' };
  if (row.state === 'inactive' && !seen) return { tone: 'off', word: 'No data' };
  return STATES[row.state];
}

/** Failing requests break a promise; the other two put one at risk. */
export function firingTone(row: AlertRow): Tone {
  return row.kind === 'success' ? 'broken' : 'risk';
}

/** Those that fire, the worst first. */
export function firing(alerts: AlertRow[]): AlertRow[] {
  return alerts.filter((a) => a.state === 'firing').sort((a, b) => WEIGHT[a.kind] - WEIGHT[b.kind]);
}

/** The heading of a notice; with several promises it names the one that it is about. */
export function alertHeading(row: AlertRow, several: boolean): string {
  return several ? `${row.slo}: ${WRONG[row.kind]}.` : `${capital(WRONG[row.kind])}.`;
}

/**
 * The provider to use alone while requests fail or are slow: one that is well, and where both are, not the one that
 * answers now. Dear requests are no provider's fault, and under bypass a choice would change nothing.
 */
export function useOnly(row: AlertRow, status: Status): string | null {
  if (row.kind === 'cost' || status.bypass.on) return null;
  const routed = status.providers.filter((p) => p.role !== null);
  if (routed.length < 2) return null;
  const well = routed.filter((p) => p.name !== status.force && !lacksKey(p) && p.breakers.every((b) => b.state === 'closed'));
  return (well.find((p) => p.name !== status.serving) ?? well[0])?.name ?? null;
}

const CHANNELS: Record<string, string> = { desktop: 'Notifications', webhook: 'Webhook' };

export interface Answer {
  channel: string;
  ok: boolean;
  words: string;
}

/** What each channel did with the three test alerts. */
export function answers(sent: TestedPage[]): Answer[] {
  const channels = [...new Set(sent.map((page) => page.channel))];
  return channels.map((channel) => {
    const pages = sent.filter((page) => page.channel === channel);
    const failed = pages.filter((page) => !page.ok);
    const name = CHANNELS[channel] ?? capital(channel);
    if (failed.length === 0) return { channel: name, ok: true, words: pages.length === 3 ? 'took all three.' : `took ${pages.length}.` };
    const why = [...new Set(failed.map((page) => page.error).filter((e) => e !== null && e !== ''))].join(' ');
    return { channel: name, ok: false, words: `took ${pages.length - failed.length} of ${pages.length}. ${why}`.trimEnd() };
  });
}
