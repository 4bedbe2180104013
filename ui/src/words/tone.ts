/** The seven states that a glyph can carry; colour never stands without glyph and word. */
export type Tone = 'kept' | 'risk' | 'broken' | 'paused' | 'off' | 'switched' | 'declared';

/** The glyph of each tone in `Sprite.svelte`. */
export const GLYPH: Record<Tone, string> = {
  kept: 'g-kept', risk: 'g-risk', broken: 'g-broken', paused: 'g-paused', off: 'g-off', switched: 'g-switch', declared: 'g-mark',
};

/** The colour class of each tone in `base.css`. */
export const COLOUR: Record<Tone, string> = {
  kept: 'ok', risk: 'risk', broken: 'broken', paused: 'off', off: 'off', switched: 'live', declared: 'off',
};
