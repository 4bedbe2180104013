import { describe, expect, it } from 'vitest';
import { count, dollars, many, rowTime, seconds, since, tokens, when } from './format.ts';

describe('numbers', () => {
  it('shows an unknown as an en dash, never as zero', () => {
    expect([seconds(null), tokens(null), dollars(null)]).toEqual(['–', '–', '–']);
    expect([seconds(0), tokens(0), dollars(0)]).toEqual(['0 ms', '0', '$0']);
  });

  it('keeps the unit and as many digits as mean something', () => {
    expect([4, 620, 2410, 9994, 9996, 12_400, 102_000].map(seconds)).toEqual([
      '4 ms', '0.62 s', '2.41 s', '9.99 s', '10.0 s', '12.4 s', '102 s',
    ]);
    expect([0.000012, 0.0061, 0.5, 1, 64.784].map(dollars)).toEqual(['$0.000012', '$0.0061', '$0.5000', '$1.00', '$64.78']);
  });

  it('groups thousands', () => {
    expect(tokens(1_234_567)).toBe('1\u202f234\u202f567');
    expect(count(8412)).toBe('8,412');
    expect([many(1, 'request'), many(1200, 'request')]).toEqual(['1 request', '1,200 requests']);
  });
});

describe('times', () => {
  const now = new Date(2026, 10, 20, 14, 30);

  it('names the day only where it is not today', () => {
    const today = new Date(2026, 10, 20, 9, 5, 7);
    const lastWeek = new Date(2026, 10, 6, 9, 12);
    expect(when(today, now)).toBe('Today 09:05');
    expect(when(new Date(2026, 10, 19, 16, 5), now)).toBe('Thu 16:05');
    expect(when(lastWeek, now)).toBe('6 Nov 09:12');
    expect(when(new Date(2025, 10, 6, 9, 12), now)).toBe('6 Nov 2025 09:12');
    expect([rowTime(today, now), rowTime(lastWeek, now)]).toEqual(['09:05:07', '6 Nov 09:12']);
    expect([since(today, now), since(lastWeek, now)]).toEqual(['09:05', '6 Nov 09:12']);
  });

  it('reads the next day as a date, not as a weekday to come', () => {
    expect(when(new Date(2026, 10, 21, 0, 1), now)).toBe('21 Nov 00:01');
  });
});
