/** Which rows of a long list are worth drawing. Rows are all of one height, so it is arithmetic and nothing is measured. */

export const ROW_PX = 28;
const OVERSCAN = 16;

export interface Window {
  from: number;
  to: number;
  /** Empty pixels that stand for the rows above and below. */
  above: number;
  below: number;
}

export function windowOf(scrollTop: number, height: number, total: number): Window {
  const first = Math.floor(Math.max(0, scrollTop) / ROW_PX);
  const visible = Math.ceil(Math.max(height, ROW_PX) / ROW_PX);
  const to = Math.min(total, first + visible + OVERSCAN);
  const from = Math.max(0, Math.min(first, total - visible) - OVERSCAN);
  return { from, to, above: from * ROW_PX, below: (total - to) * ROW_PX };
}

/** Where to scroll so that a row is whole in sight, below a header of one row's height. */
export function reveal(index: number, scrollTop: number, height: number): number {
  const top = index * ROW_PX;
  if (top < scrollTop) return top;
  const least = top + 2 * ROW_PX - height;
  return least > scrollTop ? least : scrollTop;
}
