import { render, screen, waitFor } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import App from '../App.svelte';
import { FakeRouter } from '../test/router.ts';

const user = userEvent.setup();

function open(hash: string) {
  const router = new FakeRouter();
  const { settings, written } = router.config;
  const [route] = (settings as { routes: object[] }).routes;
  const [promise] = (settings as { slo: object[] }).slo;
  const pair = { models: ['gpt-5-mini'], primary: { provider: 'openai' }, secondary: { provider: 'anthropic' } };
  router.config = {
    ...router.config,
    settings: {
      ...settings,
      routes: [{ ...route, ...pair, name: 'small' }, { ...route, ...pair, name: 'tiny', models: ['gpt-5-nano'] }, { ...route, models: ['*'] }],
      slo: [promise, { ...promise, name: 'Support' }],
    },
    written: { ...written, routes: [{}, {}, {}], slo: [{}, {}] },
  };
  history.replaceState(null, '', `/dashboard/${hash}`);
  render(App, { props: { transport: router } });
  return router;
}

const edits = (router: FakeRouter) => router.calls.filter((c) => c.method === 'PATCH').map((c) => c.body as { dry_run: boolean; changes: unknown[] });

describe('an item of a list that is to go', () => {
  it.each([
    ['a pair', '#/providers', 'Remove tiny', 'Remove the pair for gpt-5-nano? Its requests are then routed like all others. No key is touched.', 'routes[1]'],
    ['a promise', '#/settings', 'Remove the promise Support', 'Remove the promise Support? Its budget and its three alerts go with it. The requests stay in the ledger.', 'slo[1]'],
  ])('is asked about first, and the keyboard comes back from there: %s', async (_, hash, name, question, path) => {
    const router = open(hash);
    await user.click(await screen.findByRole('button', { name }));
    expect(screen.getByText(question)).toBeVisible();
    expect(screen.getByRole('button', { name: 'Keep it' })).toHaveFocus();
    await user.keyboard('{Enter}');
    expect(screen.queryByText(question)).toBeNull();
    await waitFor(() => expect(screen.getByRole('button', { name })).toHaveFocus());
    expect(edits(router)).toEqual([]);

    await user.click(screen.getByRole('button', { name }));
    await user.click(screen.getByRole('button', { name: 'Remove it' }));
    await waitFor(() => expect(edits(router).at(-1)).toMatchObject({ dry_run: false, changes: [{ op: 'unset', path }] }));
    await waitFor(() => expect(screen.queryByText(question)).toBeNull());
  });

  it('is still asked about when the router refuses, and says why', async () => {
    const router = open('#/providers');
    await user.click(await screen.findByRole('button', { name: 'Remove small' }));
    router.refuses = { status: 500, body: { code: 'internal', message: 'The file can’t be written.', hint: null } };
    await user.click(screen.getByRole('button', { name: 'Remove it' }));
    expect(await screen.findByText(/The file can’t be written\./)).toBeVisible();
    expect(screen.getByText(/^Remove the pair for gpt-5-mini\?/)).toBeVisible();
  });

  it('hands the keyboard to the next thing to do once it is gone', async () => {
    const router = open('#/providers');
    await user.click(await screen.findByRole('button', { name: 'Remove tiny' }));
    // Gone from the list together with the question about it.
    const { routes } = router.config.settings as { routes: object[] };
    router.config = { ...router.config, settings: { ...router.config.settings, routes: [routes[2]] }, written: { ...router.config.written, routes: [{}] } };
    await user.click(screen.getByRole('button', { name: 'Remove it' }));
    await waitFor(() => expect(screen.getByRole('button', { name: 'Add a pair' })).toHaveFocus());
  });
});
