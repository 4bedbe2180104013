import { describe, expect, it } from 'vitest';
import { Api } from '../api/client.ts';
import { FakeRouter } from '../test/router.ts';
import { failedRow, rescuedRow, row } from '../test/samples.ts';
import { choose, join, Ledger, PAGE } from './ledger.svelte.ts';

function loaded(n: number) {
  const router = new FakeRouter();
  router.rows = Array.from({ length: n }, (_, i) => row({ id: `r${i}` }));
  return { router, ledger: new Ledger(new Api(router)) };
}

describe('the ledger', () => {
  it('goes on where a page ended, until there is no more', async () => {
    const { ledger } = loaded(PAGE + 50);
    await ledger.head();
    expect([ledger.rows.length, ledger.next]).toEqual([PAGE, `r${PAGE - 1}`]);
    await ledger.older();
    expect([ledger.rows.length, ledger.next]).toEqual([PAGE + 50, null]);
    expect(new Set(ledger.rows.map((r) => r.id)).size).toBe(PAGE + 50);
  });

  it('puts fresh rows on top and keeps the older ones', async () => {
    const { router, ledger } = loaded(PAGE + 50);
    await ledger.head();
    await ledger.older();
    router.rows = [row({ id: 'new' }), ...router.rows];
    await ledger.head();
    expect(ledger.rows[0]?.id).toBe('new');
    expect(ledger.rows.length).toBe(PAGE + 51);
    expect(ledger.next).toBeNull();
  });

  it('asks the router for failures, and throws away an answer to an earlier question', async () => {
    const { router, ledger } = loaded(3);
    router.rows.push(failedRow({ id: 'bad' }));
    const slow = ledger.head();
    expect(ledger.show('failed')).toBe(true);
    await slow;
    expect(ledger.loaded).toBe(false);
    await ledger.head();
    expect(ledger.rows.map((r) => r.id)).toEqual(['bad']);
    expect(router.calls.at(-1)?.path).toContain('failed=true');
  });

  it('needs no new answer to look for rescued rows among the loaded ones', async () => {
    const { router, ledger } = loaded(2);
    router.rows.push(rescuedRow({ id: 'saved' }));
    await ledger.head();
    expect(ledger.show('rescued')).toBe(false);
    expect(ledger.shown.map((r) => r.id)).toEqual(['saved']);
  });

  it('says so while a search has not looked through everything', async () => {
    const { ledger } = loaded(PAGE + 1);
    await ledger.head();
    expect(ledger.partial).toBe(false);
    ledger.search = 'r7';
    expect(ledger.partial).toBe(true);
    await ledger.older();
    expect(ledger.partial).toBe(false);
  });
});

it('drops older rows when a gap may lie between them and the newest page', () => {
  const page = { requests: [row({ id: 'n2' }), row({ id: 'n1' })], next: 'n1' };
  expect(join(page, [row({ id: 'old' })], null)).toBe(page);
});

it('searches tags, models, providers and ids, whatever the case', () => {
  const rows = [row({ id: 'x1', feature: 'Invoice-Reader' }), row({ id: 'x2', feature: null, model: 'claude-haiku-4-5' })];
  expect(choose(rows, 'all', null, 'invoice').map((r) => r.id)).toEqual(['x1']);
  expect(choose(rows, 'all', null, 'HAIKU').map((r) => r.id)).toEqual(['x2']);
  expect(choose(rows, 'all', null, ' x2 ').map((r) => r.id)).toEqual(['x2']);
  expect(choose(rows, 'all', 'nobody', '')).toEqual([]);
});
