/** Attempts laid out along the time of their request. Positions in percent of the scale's width. */
import type { AttemptRow, RequestRow } from '../api/shapes.ts';

export interface Span {
  attempt: AttemptRow;
  answered: boolean;
  start: number;
  /** Where the first byte came; equal to `end` if none did. */
  first: number;
  end: number;
}

export interface Layout {
  spans: Span[];
  /** Length of the whole scale. */
  scaleMs: number;
  /** Grid lines, the ends included. */
  lines: number[];
}

export const WIDTH = 100;
const STEPS = [1, 2, 5];

export function layout(row: RequestRow): Layout {
  const used = row.attempts.reduce((sum, a) => sum + a.total_ms, 0);
  const { scaleMs, stepMs } = scale(Math.max(row.total_ms, used, 1));
  const at = (ms: number) => (ms / scaleMs) * WIDTH;
  let clock = 0;
  const spans = row.attempts.map((attempt, i) => {
    // Attempts follow each other; the last one ends with the request, so a pause before it shows as a gap.
    if (i === row.attempts.length - 1) clock = Math.max(clock, row.total_ms - attempt.total_ms);
    const start = clock;
    clock += attempt.total_ms;
    const answered = attempt.outcome === 'ok' || attempt.first_token_ms !== null;
    return {
      attempt,
      answered,
      start: at(start),
      first: at(answered ? start + (attempt.first_token_ms ?? attempt.total_ms) : clock),
      end: at(clock),
    };
  });
  const lines = Array.from({ length: Math.round(scaleMs / stepMs) + 1 }, (_, i) => at(i * stepMs));
  return { spans, scaleMs, lines };
}

/** A round length that holds everything, cut into three to six equal steps. */
function scale(ms: number): { scaleMs: number; stepMs: number } {
  for (let power = 1; ; power *= 10) {
    for (const s of STEPS) {
      const stepMs = s * power;
      const steps = Math.ceil(ms / stepMs);
      if (steps <= 5) return { scaleMs: Math.max(steps, 1) * stepMs, stepMs };
    }
  }
}
