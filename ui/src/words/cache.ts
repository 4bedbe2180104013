/** The travel-mode cache in sentences. Figures are the router's; a closed cache has none, and says why. */
import type { CacheStats } from '../api/shapes.ts';
import { count, dollars, many, when } from './format.ts';
import type { Tone } from './tone.ts';

const UNITS: [string, number][] = [
  ['GiB', 2 ** 30],
  ['MiB', 2 ** 20],
  ['KiB', 2 ** 10],
];

/** `45 MiB`, `1.5 GiB`, in the units of the settings file. */
export function size(bytes: number): string {
  for (const [name, unit] of UNITS) {
    if (bytes >= unit) return `${(bytes / unit).toFixed(1).replace(/\.0$/, '')} ${name}`;
  }
  return `${bytes} B`;
}

export interface Standing {
  tone: Tone;
  word: string;
  words: string;
}

/** Whether it does what the settings file wants of it, and what that is. */
export function standing(cache: CacheStats): Standing {
  if (cache.serve === 'never') return { tone: 'off', word: 'Off', words: 'Nothing is stored and nothing is given: serve = "never" in the settings file.' };
  if (cache.book === 'practice') return { tone: 'off', word: 'Not in use', words: 'Answers of the practice providers are never stored.' };
  if (!cache.reachable) return { tone: 'risk', word: 'Closed', words: `${cache.trouble ?? 'It can’t be opened.'} Requests go on; nothing is stored meanwhile.` };
  if (cache.serve === 'always') return { tone: 'kept', word: 'On', words: 'Fresh answers are given before a provider is asked, older ones when none can answer.' };
  return { tone: 'kept', word: 'On', words: 'Stored answers are given when no provider can answer.' };
}

/** How much lies there; `null` while nobody can count it. */
export function stored(cache: CacheStats, now: Date): string | null {
  if (cache.entries === null || cache.bytes === null) return null;
  if (cache.entries === 0) return 'Empty. Every good answer from now on is stored.';
  const oldest = cache.oldest === null ? '' : `, the oldest from ${when(new Date(cache.oldest), now).replace(/^Today /, 'today at ')}`;
  return `${many(cache.entries, 'answer')}${oldest}`;
}

/** What it gave in 30 days. */
export function given(cache: CacheStats): string {
  if (cache.hit_rate_percent === null) return 'Nothing was looked up yet.';
  const all = cache.hits + cache.stale_hits + cache.misses;
  const older = cache.stale_hits === 0 ? '' : `, ${count(cache.stale_hits)} of them older than fresh`;
  return `${many(cache.hits + cache.stale_hits, 'answer')} given of ${many(all, 'look-up')}${older}`;
}

export function rate(cache: CacheStats): string {
  return cache.hit_rate_percent === null ? '–' : `${cache.hit_rate_percent} %`;
}

/** What `always` would have brought; `null` where there is nothing to offer. */
export function offer(cache: CacheStats): string | null {
  const times = cache.would_have_hit ?? 0;
  if (cache.serve !== 'on_failure' || !cache.reachable || times === 0) return null;
  const often = times === 1 ? 'once' : `${count(times)} times`;
  return `A fresh answer was there ${often} while a provider was asked and paid. Giving it would have saved ${dollars(cache.would_have_saved_usd)}.`;
}
