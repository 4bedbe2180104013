/** Who has to go when there is no room. Sizes only: no body is read for it. */

/** One that is kept, as the index tells it. */
export interface Row {
  key: string;
  size: number;
  at: number;
}

/** Of `rows`, newest use first: those too old, and those for which there is no room after the ones before them. */
export function overflow(rows: Row[], maxBytes: number, oldest: number): Row[] {
  let total = 0;
  return rows.filter(({ size, at }) => {
    if (at < oldest) return true;
    total += size;
    return total > maxBytes;
  });
}
