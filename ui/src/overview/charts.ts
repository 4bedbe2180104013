/** Which charts there are, and over which time. The router names and draws them. */

export type ChartName = 'budget' | 'success' | 'p95' | 'cost' | 'causes' | 'providers';

export const CHARTS: { name: ChartName; label: string }[] = [
  { name: 'budget', label: 'Failures left' },
  { name: 'success', label: 'Success rate' },
  { name: 'p95', label: 'p95 latency' },
  { name: 'cost', label: 'Average cost' },
  { name: 'causes', label: 'Failures by cause' },
  { name: 'providers', label: 'Cost by provider' },
];

export const WINDOWS: { window: string; label: string }[] = [
  { window: '1h', label: 'Last hour' },
  { window: '6h', label: 'Last 6 h' },
  { window: '24h', label: 'Last 24 h' },
  { window: '7d', label: 'Last 7 days' },
  { window: '30d', label: 'Last 30 days' },
];

/** The drawing is asked for at the width it has, in steps, so that its text keeps the page's own size. */
export function askedWidth(pixels: number): number {
  const STEP = 8;
  return Math.min(1200, Math.max(320, Math.floor(pixels / STEP) * STEP));
}
