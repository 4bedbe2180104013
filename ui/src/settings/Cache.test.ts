import { render, screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import App from '../App.svelte';
import { FakeRouter } from '../test/router.ts';
import { cacheStats } from '../test/samples.ts';

const user = userEvent.setup();

async function open(set: (router: FakeRouter) => void = () => {}) {
  const router = new FakeRouter();
  set(router);
  history.replaceState(null, '', '/dashboard/#/settings');
  render(App, { props: { transport: router } });
  return { router, cache: within(await screen.findByRole('region', { name: 'Answers from earlier' })) };
}

describe('the cache in Settings', () => {
  it('says how full it is, how old, what it gave and what that saved', async () => {
    const { cache } = await open();
    expect(cache.getByText('On')).toBeVisible();
    expect(cache.getByText(/^1,204 answers, the oldest from /)).toBeVisible();
    expect(cache.getByText('45 MiB')).toHaveTextContent('45 MiB of 512 MiB');
    expect(cache.getByText('42 answers given of 168 look-ups, 12 of them older than fresh')).toBeVisible();
    expect(cache.getByText(/^25 %/)).toHaveTextContent('25 % saved $0.4120');
  });

  it('begins no word inside a line with a capital', async () => {
    const { cache } = await open((r) => (r.cache = cacheStats({ oldest: new Date().toISOString() })));
    expect(cache.getByText(/^1,204 answers, the oldest from today at \d\d:\d\d$/)).toBeVisible();
  });

  it('offers to give fresh answers, in one press', async () => {
    const { router, cache } = await open();
    expect(cache.getByText(/there 318 times while a provider was asked and paid\. Giving it would have saved \$1\.15\./)).toBeVisible();
    await user.click(cache.getByRole('button', { name: 'Serve them' }));
    await cache.findByText('Saved, and in force.');
    const edit = router.calls.find((c) => c.method === 'PATCH');
    expect(edit?.body).toMatchObject({ version: 'v1', dry_run: false, changes: [{ op: 'set', path: 'cache.serve', value: 'always' }] });
  });

  it('offers nothing where that is on, or where there was nothing to give', async () => {
    const { router, cache } = await open((r) => (r.cache = cacheStats({ serve: 'always' })));
    expect(cache.queryByText('Serve fresh answers without asking')).toBeNull();
    router.cache = cacheStats({ would_have_hit: 0 });
    router.emit('config_reloaded', 'x');
    await waitFor(() => expect(cache.getByText('Stored answers are given when no provider can answer.')).toBeVisible(), { timeout: 3000 });
    expect(cache.queryByText('Serve fresh answers without asking')).toBeNull();
  });

  it('asks before it removes everything, and can be told no', async () => {
    const { router, cache } = await open();
    await user.click(cache.getByRole('button', { name: 'Clear…' }));
    expect(cache.getByText('Remove 1,204 stored answers? They can’t be brought back.')).toBeVisible();
    expect(cache.getByRole('button', { name: 'Keep them' })).toHaveFocus();
    await user.click(cache.getByRole('button', { name: 'Keep them' }));
    expect(cache.getByRole('button', { name: 'Clear…' })).toHaveFocus();
    expect(router.calls.some((c) => c.method === 'DELETE')).toBe(false);

    await user.click(cache.getByRole('button', { name: 'Clear…' }));
    await user.click(cache.getByRole('button', { name: 'Remove' }));
    expect(router.calls).toContainEqual({ method: 'DELETE', path: '/api/cache', body: undefined });
    expect(await cache.findByText('1,204 answers removed.')).toBeVisible();
    expect(await cache.findByText('Empty. Every good answer from now on is stored.')).toBeVisible();
    expect(cache.getByRole('button', { name: 'Clear…' })).toBeDisabled();
  });

  it('says what the router refuses', async () => {
    const { cache } = await open((r) => (r.refuses = { status: 409, body: { code: 'cache_closed', message: 'The cache is being opened.', hint: 'Ask again in a moment.' } }));
    await user.click(cache.getByRole('button', { name: 'Clear…' }));
    await user.click(cache.getByRole('button', { name: 'Remove' }));
    expect(await cache.findByText('The cache is being opened. Ask again in a moment.')).toBeVisible();
  });

  it('says why it is closed, and claims no figures of what lies there', async () => {
    const trouble = 'The keychain is locked, and nobody unlocked it. Unlock it; the cache opens by itself then.';
    const { cache } = await open((r) => (r.cache = cacheStats({ reachable: false, trouble, entries: null, bytes: null, oldest: null, would_have_hit: null })));
    expect(cache.getByText('Closed')).toBeVisible();
    expect(cache.getByText(/^The keychain is locked.*Requests go on; nothing is stored meanwhile\.$/)).toBeVisible();
    expect(cache.queryByText('Stored')).toBeNull();
    expect(cache.queryByRole('button', { name: 'Clear…' })).toBeNull();
  });

  it('tells what it last complained of', async () => {
    const last_trouble = { at: '2026-11-20T10:50:00Z', kind: 'full', text: 'There is no space left.' };
    const { cache } = await open((r) => (r.cache = cacheStats({ last_trouble })));
    expect(cache.getByText(/There is no space left\./)).toBeVisible();
  });

  it('is quiet before the first look-up, when off, and in practice', async () => {
    const { router, cache } = await open((r) => (r.cache = cacheStats({ entries: 0, hit_rate_percent: null, hits: 0, stale_hits: 0, misses: 0 })));
    expect(cache.getByText('Nothing was looked up yet.')).toBeVisible();
    expect(cache.getByText('–')).toBeVisible();
    router.cache = cacheStats({ serve: 'never', reachable: false, entries: null, bytes: null, hit_rate_percent: null });
    router.emit('config_reloaded', 'x');
    expect(await cache.findByText('Off', {}, { timeout: 3000 })).toBeVisible();
    router.cache = cacheStats({ book: 'practice', reachable: false, entries: null, bytes: null, hit_rate_percent: null });
    router.emit('config_reloaded', 'x');
    expect(await cache.findByText('Not in use', {}, { timeout: 3000 })).toBeVisible();
  });

  it('is left out where the router is older than this page', async () => {
    const router = new FakeRouter();
    router.cache = null;
    history.replaceState(null, '', '/dashboard/#/settings');
    render(App, { props: { transport: router } });
    expect(await screen.findByRole('region', { name: 'Settings file' })).toBeVisible();
    expect(screen.queryByRole('region', { name: 'Answers from earlier' })).toBeNull();
  });
});
