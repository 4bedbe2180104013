import { expect, it } from 'vitest';
import { attempt, failedRow, rescuedRow, row } from '../test/samples.ts';
import { layout } from './timeline.ts';

it('lays the attempts one after the other on a round scale', () => {
  const { spans, scaleMs, lines } = layout(rescuedRow());
  expect(scaleMs).toBe(5000);
  expect(lines).toEqual([0, 20, 40, 60, 80, 100]);
  expect(spans.map((s) => [s.answered, Math.round(s.start), Math.round(s.first), Math.round(s.end)])).toEqual([
    [false, 0, 40, 40],
    [true, 40, 48, 97],
  ]);
});

it('ends the last attempt with the request, so that a pause before it is a gap', () => {
  const [first, last] = layout(failedRow()).spans;
  expect(first!.end).toBeLessThan(last!.start);
  expect(Math.round(last!.end)).toBe(82);
});

it('keeps everything on the scale, also when the sums don’t quite agree', () => {
  for (const r of [row({ total_ms: 0, attempts: [attempt({ first_token_ms: 0, total_ms: 0 })] }), row({ total_ms: 10, attempts: [attempt({ total_ms: 700 })] })]) {
    for (const span of layout(r).spans) {
      expect(span.start).toBeGreaterThanOrEqual(0);
      expect(span.end).toBeLessThanOrEqual(100);
    }
  }
});
