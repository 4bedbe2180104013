import { describe, expect, it } from 'vitest';
import { reveal, ROW_PX, windowOf } from './window.ts';

describe('the window onto a long list', () => {
  it('draws a screenful of ten thousand rows and stands for the rest with empty space', () => {
    for (const scrollTop of [0, 5, 14_000, 140_000, 279_000]) {
      const w = windowOf(scrollTop, 500, 10_000);
      expect(w.to - w.from).toBeLessThan(60);
      expect(w.above + (w.to - w.from) * ROW_PX + w.below).toBe(10_000 * ROW_PX);
      expect(w.above).toBeLessThanOrEqual(scrollTop);
    }
  });

  it('draws all of a short list, also when it has been scrolled past its end', () => {
    expect(windowOf(0, 500, 3)).toEqual({ from: 0, to: 3, above: 0, below: 0 });
    expect(windowOf(9_000, 500, 3)).toEqual({ from: 0, to: 3, above: 0, below: 0 });
    expect(windowOf(0, 0, 0)).toEqual({ from: 0, to: 0, above: 0, below: 0 });
  });

  it('scrolls only as far as it takes to see a row', () => {
    expect(reveal(2, 0, 500)).toBe(0);
    expect(reveal(2, 280, 500)).toBe(2 * ROW_PX);
    expect(reveal(100, 0, 500)).toBe(102 * ROW_PX - 500);
  });
});
