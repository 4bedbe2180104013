/** Numbers and times as people read them. Nothing is worked out here; an unknown is always an en dash. */

export const UNKNOWN = '–';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const DAY_MS = 86_400_000;

/** Milliseconds as `4 ms`, `0.62 s`, `12.4 s`, `102 s`. */
export function seconds(ms: number | null): string {
  if (ms === null) return UNKNOWN;
  if (ms < 10) return `${ms} ms`;
  const s = ms / 1000;
  if (s < 9.995) return `${s.toFixed(2)} s`;
  return s < 99.95 ? `${s.toFixed(1)} s` : `${Math.round(s)} s`;
}

/** Tokens, grouped by narrow no-break spaces: `12 400`. */
export function tokens(n: number | null): string {
  return n === null ? UNKNOWN : group(n, '\u202f');
}

/** Requests and other things one counts: `8,412`. */
export function count(n: number): string {
  return group(n, ',');
}

function group(n: number, separator: string): string {
  return String(n).replace(/\B(?=(\d{3})+$)/g, separator);
}

/** `$0.0061`, `$12.40`; four digits below a dollar, six below a hundredth of a cent. */
export function dollars(usd: number | null): string {
  if (usd === null) return UNKNOWN;
  if (usd === 0) return '$0';
  if (usd >= 1) return `$${usd.toFixed(2)}`;
  return `$${usd.toFixed(usd < 0.0001 ? 6 : 4)}`;
}

/** `1 request`, `12 requests`. */
export function many(n: number, one: string, more = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : more}`;
}

const two = (n: number) => String(n).padStart(2, '0');

/** `14:29`, in the reader's own time zone. */
export function clock(at: Date): string {
  return `${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** `14:29:07`. */
export function clockSeconds(at: Date): string {
  return `${clock(at)}:${two(at.getSeconds())}`;
}

/** Whole local days between a moment and now: 0 is today. */
export function daysAgo(at: Date, now: Date): number {
  const midnight = (d: Date) => new Date(d.getFullYear(), d.getMonth(), d.getDate()).getTime();
  return Math.round((midnight(now) - midnight(at)) / DAY_MS);
}

function day(at: Date, now: Date): string {
  const year = at.getFullYear() === now.getFullYear() ? '' : ` ${at.getFullYear()}`;
  return `${at.getDate()} ${MONTHS[at.getMonth()]}${year}`;
}

/** `Today 10:42`, `Thu 16:05`, `6 Nov 09:12`. */
export function when(at: Date, now: Date, time: (d: Date) => string = clock): string {
  const ago = daysAgo(at, now);
  if (ago === 0) return `Today ${time(at)}`;
  if (ago > 0 && ago < 7) return `${DAYS[at.getDay()]} ${time(at)}`;
  return `${day(at, now)} ${time(at)}`;
}

/** The ledger's first column: the time alone while it is today's. */
export function rowTime(at: Date, now: Date): string {
  return daysAgo(at, now) === 0 ? clockSeconds(at) : `${day(at, now)} ${clock(at)}`;
}

/** `since 14:05`, with the day where it isn't today. */
export function since(at: Date, now: Date): string {
  return daysAgo(at, now) === 0 ? clock(at) : when(at, now);
}

/** First letter large, for words that begin a sentence. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
