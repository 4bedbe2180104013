/**
 * "What happened": the router's own events as they come, and before the first of them what the newest requests show.
 */
import type { ChartMark, LiveEvent, RequestRow } from '../api/shapes.ts';
import { many } from '../words/format.ts';
import { blame, rescued } from '../words/request.ts';
import type { Tone } from '../words/tone.ts';

export interface Happening {
  id: string;
  at: string;
  tone: Tone;
  what: string;
  /** Its effect in a few words, at the right edge. */
  effect: string;
  /** A request to open, or none. */
  request: string | null;
}

/** A happening read from the requests, with when its last one ended (in ms since 1970). */
export interface Episode extends Happening {
  until: number;
}

/** A mark this close to something told is the same thing. */
const TOLD_MS = 60_000;

const MARKS: Record<string, Tone> = { failover: 'switched', alert: 'broken', deploy: 'declared', experiment: 'declared', drill: 'declared' };

/** Between a request's end and the event that tells of it. */
const TELLING_MS = 1_000;

/** Requests further apart than this belong to different episodes. */
const EPISODE_GAP_MS = 10 * 60_000;
const KEPT = 50;

/** A single request is a row of the ledger; having missed some, or a window that opens, is no news to a person. */
const QUIET_KINDS = new Set(['settled', 'lagged', 'dashboard_wanted']);

const TONES: Record<string, Tone> = {
  switched: 'switched', config_rejected: 'risk', bypass_changed: 'paused', fault_set: 'declared', config_reloaded: 'declared',
  unreachable: 'broken', back_online: 'kept', alert_firing: 'broken', alert_resolved: 'kept', budget_frozen: 'broken', budget_thawed: 'declared', budget_declared: 'declared',
};

/** Ids begin anew with every start of the router. */
const key = (event: LiveEvent) => `${event.id} ${event.at}`;

export function remember(events: LiveEvent[], event: LiveEvent): LiveEvent[] {
  if (QUIET_KINDS.has(event.kind) || event.sentence === '' || events.some((e) => key(e) === key(event))) return events;
  return [event, ...events].sort((a, b) => (a.at < b.at ? 1 : -1)).slice(0, KEPT);
}

/** The router's sentence stands; what the requests show of the same switch adds its effect and a request to open. */
export function happenings(events: LiveEvent[], newestFirst: RequestRow[], marks: ChartMark[] = []): Happening[] {
  const told: Happening[] = events.map((e) => ({
    id: key(e), at: e.at, tone: TONES[e.kind] ?? 'off', what: e.sentence, effect: '', request: null,
  }));
  const seen: Happening[] = [];
  for (const episode of episodes(newestFirst)) {
    const same = told.filter(
      (h) => h.tone === 'switched' && episode.tone === 'switched' && h.request === null && within(h.at, episode),
    ).at(-1);
    if (same) Object.assign(same, { effect: episode.effect, request: episode.request });
    else seen.push(episode);
  }
  const known = [...told, ...seen];
  const news = marks.filter((m) => !known.some((h) => Math.abs(Date.parse(h.at) - Date.parse(m.at)) < TOLD_MS));
  return [...known, ...news.map(earlier)].sort((a, b) => (a.at < b.at ? 1 : -1));
}

/** What a chart marks from before this page was open; its text begins with the time, which stands beside it here. */
function earlier(mark: ChartMark): Happening {
  const what = mark.text.replace(/^\d+ \w+ \d\d:\d\d: /, '');
  return { id: `${mark.kind} ${mark.at}`, at: mark.at, tone: MARKS[mark.kind] ?? 'off', what, effect: '', request: null };
}

/** A switch is told when its first request ends, which is after that request began. */
function within(at: string, episode: Episode): boolean {
  const moment = Date.parse(at);
  return moment >= Date.parse(episode.at) && moment <= episode.until;
}

/** Runs of requests that the first provider did not answer, newest first. */
export function episodes(newestFirst: RequestRow[]): Episode[] {
  const runs: RequestRow[][] = [];
  let run: RequestRow[] = [];
  const close = () => {
    if (run.length > 0) runs.push(run);
    run = [];
  };
  for (const row of newestFirst) {
    if (row.counted === 'no' || row.served_by === 'cache') continue;
    if (row.counted === 'good' && row.served_by !== 'secondary') {
      close();
      continue;
    }
    const previous = run.at(-1);
    if (previous && Date.parse(previous.at) - Date.parse(row.at) > EPISODE_GAP_MS) close();
    run.push(row);
  }
  close();
  return runs.map(describe);
}

function describe(run: RequestRow[]): Episode {
  const first = run[run.length - 1]!;
  const saved = run.filter((r) => r.counted === 'good');
  const failed = run.length - saved.length;
  const reason = run.flatMap((r) => r.attempts).filter((a) => a.outcome !== 'ok').at(-1);
  const why = reason ? ` ${blame(reason.provider, reason.outcome)}` : '';
  const until = Math.max(...run.map((r) => Date.parse(r.at) + r.total_ms)) + TELLING_MS;
  const base = { id: first.id, at: first.at, request: first.id, until };
  if (run.every((r) => r.cause === 'own_network')) {
    return { ...base, tone: 'off', what: 'No network, and no saved answer.', effect: `${many(failed, 'request')} failed` };
  }
  const stepped = saved.find((r) => r.provider !== null)?.provider;
  if (!stepped) {
    return { ...base, tone: 'broken', what: `No provider answered.${why}`, effect: `${many(failed, 'request')} failed` };
  }
  const rescues = saved.filter(rescued).length;
  // With the first provider resting, requests go straight to the second: answered, but there was nothing to rescue.
  const answered = rescues > 0 ? `${rescues} rescued` : `${saved.length} answered`;
  return {
    ...base,
    tone: 'switched',
    what: `Switched to ${stepped}.${why}`,
    effect: `${answered}, ${failed} failed`,
  };
}
