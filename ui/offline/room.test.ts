import { expect, it } from 'vitest';
import { overflow, type Row } from './room.ts';

const rows = (...sizes: number[]): Row[] => sizes.map((size, index) => ({ key: `${index}`, size, at: 100 }));
const keys = (gone: Row[]) => gone.map(({ key }) => key);

it('keeps what was used last until the room is used up', () => {
  expect(keys(overflow(rows(10, 10, 10), 30, 0))).toEqual([]);
  expect(keys(overflow(rows(10, 10, 10), 29, 0))).toEqual(['2']);
  // A small one behind a large one goes too: it was used less recently.
  expect(keys(overflow(rows(10, 30, 1), 20, 0))).toEqual(['1', '2']);
});

it('lets go of what is too old whatever the room, and counts it no more', () => {
  const [a, b, c] = rows(10, 10, 10);
  expect(keys(overflow([a!, { ...b!, at: 1 }, c!], 20, 50))).toEqual(['1']);
});
