/**
 * What a promise's tile and its allowance look like. The words are the router's own; here they only get a glyph, and
 * the number in them a stronger voice.
 */
import type { Cause, EntryReport, SloReport, Tile } from '../api/shapes.ts';
import { count, dollars, many } from './format.ts';
import type { Tone } from './tone.ts';

/** One tile, ready to be shown. */
export interface Shown {
  name: string;
  tile: Tile;
  tone: Tone;
  /** What the figure rests on: how many requests, in which time. */
  basis: string;
  /** Part of the allowance that is left, 0 to 1; `null` where there is none to speak of. */
  left: number | null;
}

const TONES: Record<string, Tone> = { Kept: 'kept', Missed: 'broken' };

/** Where the allowance is getting short; a healthy one is quiet. */
const STANDINGS: Record<string, Tone> = { Watch: 'risk', Careful: 'risk', 'Used up': 'broken', Frozen: 'broken' };

const BASIS = { first_byte: 'first byte', first_token: 'first token', complete: 'last byte' };

export function tiles(report: SloReport): [Shown, Shown, Shown] {
  const { words, n, success, latency, cost } = report;
  const time = span(report);
  const timed = `${BASIS[latency.basis]}, ${words.latency.note ?? `${count(latency.n)} in ${time}`}`;
  return [
    shown('Success rate', words.success, n, words.success.note ?? `${many(n, 'request')} in ${time}`, success),
    shown('p95 latency', words.latency, n, timed, latency),
    shown('Average cost', words.cost, n, words.cost.note ?? `${dollars(cost.total_usd)} spent in ${time}`, {
      left: cost.left_usd, allowed: cost.allowed_usd,
    }),
  ];
}

function shown(name: string, tile: Tile, n: number, basis: string, { left, allowed }: { left: number; allowed: number }): Shown {
  return {
    name, tile, tone: TONES[tile.state] ?? 'off', basis: n === 0 ? 'no requests yet' : basis,
    left: allowed > 0 ? Math.min(1, Math.max(0, left / allowed)) : null,
  };
}

export function standing(tile: Tile): Tone | null {
  return STANDINGS[tile.standing] ?? null;
}

/** `18 of 42 failures left` with its first number apart; where there is none, nothing is. */
export function stress(text: string): [string, string] {
  const number = /^[$−\d]\S*/.exec(text)?.[0] ?? '';
  return [number, text.slice(number.length)];
}

/** `30 days`, `12 h`: the promised window. What is read begins at a full hour, so it may be up to one longer. */
export function span({ window: { from, to } }: SloReport): string {
  const minutes = Math.round((Date.parse(to) - Date.parse(from)) / 60_000);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  return days >= 2 && hours - days * 24 <= 1 ? many(days, 'day') : `${hours} h`;
}

/** The document's lede in two voices: what it says, and what that rests on. */
export function lede(report: SloReport): { strong: string; rest: string } {
  const { lede: whole, basis } = report.words;
  if (!whole.endsWith(basis)) return { strong: whole, rest: '' };
  return { strong: whole.slice(0, -basis.length).trimEnd(), rest: basis };
}

/** What is left and until when, without repeating what the lede says already, or the banner while changes are frozen. */
export function allowance(report: SloReport): { strong: string; rest: string } {
  const { words } = report;
  const said = words.lede.includes(words.budget);
  const rest = [words.forecast, report.frozen ? null : words.policy, words.not_counted].filter((s) => s !== null).join(' ');
  return { strong: said ? `${words.success.left}.` : words.budget, rest };
}

const CAUSES: Record<Cause, string> = {
  provider_outage: 'A provider’s outage', rate_limit: 'A provider’s rate limit', account: 'Key or credit of a provider',
  deploy: 'Deploy you declared', experiment: 'Experiment you declared', drill: 'Drill', own_network: 'Your network was away',
  router: 'The router itself', unknown: 'Cause unknown',
};

/** Requests failed, but somebody had said so before, or it was nobody's doing. */
const MILD: Partial<Record<Cause, Tone>> = { deploy: 'declared', experiment: 'declared', drill: 'declared', own_network: 'off' };

/** One entry of the budget's ledger. */
export function entry(spent: EntryReport): { tone: Tone; what: string; effect: string } {
  const note = spent.note === null ? '' : `: ${spent.note}`;
  return {
    tone: MILD[spent.cause] ?? 'broken',
    what: `${CAUSES[spent.cause]}${note}.`,
    effect: `${many(spent.bad, 'request')} failed`,
  };
}
