/** The rollback switch in words, and whether it is ours to move. */
import type { Status } from '../api/shapes.ts';

export interface BypassWords {
  words: string;
  /** False where the file or the environment has the last word. */
  ours: boolean;
}

export function bypassWords(status: Status): BypassWords {
  const { on, source } = status.bypass;
  if (on && source === 'env') return { ours: false, words: 'On by BYPASS_ROUTER in the environment. Unset it and start Evenkeel again.' };
  if (on && source === 'config') return { ours: false, words: 'On by bypass = true in the settings file. Change it there.' };
  const first = status.providers.find((p) => p.role === 'primary')?.name ?? 'the first provider';
  if (on) return { ours: true, words: `Everything goes to ${first} untouched. Nothing is rescued.` };
  return { ours: true, words: `While on, everything goes to ${first} untouched and nothing is rescued.` };
}
