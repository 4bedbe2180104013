/** From what an app wrote to what is meant: checked once, when the worker starts, so that a typing error is seen at once. */
import type { OfflineOptions } from './evenkeel-sw.d.ts';

export interface Settings extends Required<OfflineOptions> {
  /** `paths`, with the origins that were left out. */
  prefixes: URL[];
}

/**
 * How a whole stream ends in Chat Completions, Messages and Responses. A line of text inside an answer can't look like
 * it, for JSON writes a line's end as `\n`.
 */
const STREAM_END = /^(?:data: ?\[DONE\]|event: ?(?:message_stop|response\.(?:completed|incomplete)))\s*$/m;

const DEFAULTS: Required<OfflineOptions> = {
  paths: [],
  promptVersion: '',
  maxBytes: 25 * 2 ** 20,
  maxAgeSeconds: 30 * 86_400,
  separateBy: ['authorization', 'x-api-key'],
  shared: false,
  fallbackOn: [],
  streamEnd: STREAM_END,
  practice: false,
};

/** @throws TypeError that names the option and says what it takes. */
export function settings(options: OfflineOptions, origin: string): Settings {
  const wrong = (name: string, takes: string) => new TypeError(`evenkeel.offline: ${name} ${takes}`);
  for (const [name, value] of Object.entries(options ?? {})) {
    const wanted: unknown = DEFAULTS[name as keyof OfflineOptions];
    if (wanted === undefined) throw wrong(name, `is unknown; there are ${Object.keys(DEFAULTS).join(', ')}`);
    if (value === undefined) continue;
    if (Array.isArray(wanted)) {
      const item = name === 'fallbackOn' ? 'number' : 'string';
      const fits = Array.isArray(value) && value.every((one) => typeof one === item);
      if (!fits) throw wrong(name, `takes a list of ${item}s`);
    } else if (wanted instanceof RegExp) {
      if (!(value instanceof RegExp)) throw wrong(name, 'takes a regular expression');
    } else if (typeof value !== typeof wanted) {
      throw wrong(name, `takes a ${typeof wanted}`);
    } else if (typeof value === 'number' && !(value > 0)) {
      throw wrong(name, 'takes a number above 0');
    }
  }
  const given = Object.entries(options ?? {}).filter(([, value]) => value !== undefined);
  const all = { ...DEFAULTS, ...Object.fromEntries(given) };
  if (!all.paths.length) throw wrong('paths', 'takes the addresses to keep, such as ["/v1/chat/completions"]');
  const prefixes = all.paths.map((path) => {
    // A relative one would be read from the worker's own place, which is seldom where the app asks.
    if (!/^(?:\/(?!\/)|https?:\/\/)/.test(path)) throw wrong('paths', `takes "/…" or "https://…", not "${path}"`);
    return new URL(path, origin);
  });
  return { ...all, prefixes };
}
