import { render, screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import App from '../App.svelte';
import type { Transport } from '../api/transport.ts';
import { FakeRouter } from '../test/router.ts';
import { keyRow, practiceStatus, providerTest, refusedTest, row, status } from '../test/samples.ts';

const user = userEvent.setup();
const KEY = 'sk-proj-canary-abcd9876';

function open(set: (router: FakeRouter) => void = () => {}) {
  const router = new FakeRouter();
  set(router);
  history.replaceState(null, '', '/dashboard/#/providers');
  render(App, { props: { transport: router as Transport } });
  return router;
}

const card = async (name: string) => within(await screen.findByRole('article', { name }));
const sent = (router: FakeRouter, method: string) => router.calls.filter((c) => c.method === method).map((c) => ({ path: c.path, body: c.body }));

/** Opens the field of a provider and pastes a key. */
async function paste(name: string, key = KEY) {
  const opener = (await card(name)).getByRole('button', { name: new RegExp(`^(Replace|Add key): ${name}$`) });
  await user.click(opener);
  const field = screen.getByLabelText<HTMLInputElement>(`New key for ${name}`);
  await waitFor(() => expect(field).toHaveFocus());
  await user.paste(key);
  return field;
}

describe('a new key', () => {
  it('is tested, then saved, and is in the page no more', async () => {
    const router = open();
    const field = await paste('anthropic');
    expect(field.type).toBe('password');
    expect(field.autocomplete).toBe('off');
    const form = await card('anthropic');
    expect(form.getByRole('button', { name: 'Save' })).toBeDisabled();

    await user.click(form.getByRole('button', { name: 'Test' }));
    expect(await form.findByText('Answered one token in 0.64 s')).toBeVisible();
    expect(sent(router, 'POST')).toEqual([{ path: '/api/providers/anthropic/test', body: { key: KEY } }]);
    expect(sent(router, 'PUT')).toEqual([]);

    await user.click(form.getByRole('button', { name: 'Save' }));
    expect(await form.findByText('••••9876')).toBeVisible();
    expect(sent(router, 'PUT')).toEqual([{ path: '/api/keys/anthropic', body: { key: KEY } }]);
    expect(field.value).toBe('');
    expect(document.documentElement.innerHTML).not.toContain('canary');
    expect(form.getByText('Works, 0.64 s')).toBeVisible();
    expect(form.getByText(/^at \d\d:\d\d$/)).toBeVisible();
    await waitFor(() => expect(form.getByRole('button', { name: 'Replace: anthropic' })).toHaveFocus());
  });

  it('that is refused can be saved only anyway, and says at which step it failed', async () => {
    const router = open((r) => (r.test = refusedTest()));
    await paste('openai', `  ${KEY}\n`);
    await user.keyboard('{Enter}');
    const form = await card('openai');
    expect(await form.findByText('Key refused')).toBeVisible();
    expect(form.getByText('HTTP 401 for gpt-5-mini. Its key is refused; check it.')).toBeVisible();
    expect(form.queryByRole('button', { name: 'Save' })).toBeNull();
    expect(sent(router, 'PUT')).toEqual([]);
    await user.click(form.getByRole('button', { name: 'Save anyway' }));
    await waitFor(() => expect(sent(router, 'PUT')).toEqual([{ path: '/api/keys/openai', body: { key: KEY } }]));
  });

  it('must be tested again after it was changed', async () => {
    open();
    const field = await paste('openai');
    await user.keyboard('{Enter}');
    const form = await card('openai');
    expect(await form.findByRole('button', { name: 'Save' })).toBeEnabled();
    await user.type(field, 'x');
    expect(form.getByRole('button', { name: 'Save' })).toBeDisabled();
    expect(form.queryByText('Key accepted')).toBeNull();
  });

  it('stays in the field when the router refuses to keep it, with the reason', async () => {
    const router = open();
    const field = await paste('openai');
    await user.keyboard('{Enter}');
    const form = await card('openai');
    await form.findByRole('button', { name: 'Save' });
    router.refuses = { status: 409, body: { code: 'keychain_locked', message: 'The keychain is locked.', hint: 'Unlock it and try again.' } };
    await user.click(form.getByRole('button', { name: 'Save' }));
    expect(await form.findByRole('alert')).toHaveTextContent('The keychain is locked. Unlock it and try again.');
    expect(field.value).toBe(KEY);
  });

  it('is forgotten when it is given up or the screen is left', async () => {
    const router = open();
    const first = await paste('openai');
    await user.keyboard('{Escape}');
    expect(first.value).toBe('');
    await waitFor(() => expect(screen.queryByLabelText('New key for openai')).toBeNull());

    const second = await paste('openai');
    location.hash = '#/overview';
    await screen.findByRole('region', { name: 'Promises' });
    expect(second.value).toBe('');
    expect(router.calls.every((c) => c.method === 'GET')).toBe(true);
  });

  it('is given where there is none, and the card says so until then', async () => {
    open((r) => {
      r.keys = [keyRow(), keyRow({ provider: 'anthropic', source: 'none', last4: null, state: 'missing' })];
      r.status = status({ providers: status().providers.map((p) => (p.name === 'anthropic' ? { ...p, key: 'missing' } : p)) });
    });
    const form = await card('anthropic');
    expect(form.getByText('No key')).toBeVisible();
    expect(form.getByText('no key yet')).toBeVisible();
    await paste('anthropic');
    await user.keyboard('{Enter}');
    await user.click(await form.findByRole('button', { name: 'Save' }));
    await waitFor(() => expect(form.getByText('Ready')).toBeVisible());
  });
});

describe('a kept key', () => {
  it('is removed only after a second click', async () => {
    const router = open();
    await paste('openai');
    const form = await card('openai');
    await user.click(form.getByRole('button', { name: 'Remove key…' }));
    expect(screen.queryByLabelText('New key for openai')).toBeNull();
    expect(sent(router, 'DELETE')).toEqual([]);
    await waitFor(() => expect(form.getByRole('button', { name: 'Keep it' })).toHaveFocus());
    await user.click(form.getByRole('button', { name: 'Remove' }));
    expect(await form.findByText('no key yet')).toBeVisible();
    expect(sent(router, 'DELETE')).toEqual([{ path: '/api/keys/openai', body: undefined }]);
  });

  it('cannot be given where the settings file takes it from the environment', async () => {
    open((r) => (r.keys = [keyRow({ source: 'env', replaceable: false, note: 'From MY_KEY in the environment.' })]));
    const form = await card('openai');
    expect(form.getByText('From MY_KEY in the environment.')).toBeVisible();
    expect(form.queryByRole('button', { name: 'Replace: openai' })).toBeNull();
    expect(form.getByRole('button', { name: 'Test now: openai' })).toBeVisible();
  });

  it('cannot be removed where the environment stands in', async () => {
    open((r) => (r.keys = [keyRow({ source: 'env', note: 'From OPENAI_API_KEY in the environment.' })]));
    const form = await card('openai');
    expect(form.getByText('From OPENAI_API_KEY in the environment.')).toBeVisible();
    await paste('openai');
    expect(form.queryByRole('button', { name: 'Remove key…' })).toBeNull();
  });

  it('is tested as it is, and the result outlives the screen', async () => {
    const router = open((r) => (r.test = refusedTest()));
    await user.click((await card('openai')).getByRole('button', { name: 'Test now: openai' }));
    const form = await card('openai');
    expect(await form.findAllByText('Key refused')).toHaveLength(2);
    expect(sent(router, 'POST')).toEqual([{ path: '/api/providers/openai/test', body: {} }]);
    await user.keyboard('1');
    await screen.findByRole('region', { name: 'Promises' });
    router.test = providerTest();
    await user.keyboard('3');
    await user.click((await card('openai')).getByRole('button', { name: 'Test again: openai' }));
    expect(await (await card('openai')).findByText('Works, 0.64 s')).toBeVisible();
  });
});

describe('who is asked first', () => {
  it('can be chosen, holds on every screen, and is given back', async () => {
    const router = open((r) => (r.rows = [row()]));
    const group = within(await screen.findByRole('group', { name: 'Send everything to' }));
    expect(group.getByRole('button', { name: 'Automatic' })).toHaveAttribute('aria-pressed', 'true');
    await user.click(group.getByRole('button', { name: 'anthropic' }));
    expect(sent(router, 'PUT')).toEqual([{ path: '/api/force', body: { provider: 'anthropic' } }]);
    await waitFor(() => expect(group.getByRole('button', { name: 'anthropic' })).toHaveAttribute('aria-pressed', 'true'));
    await user.keyboard('2');
    expect(await screen.findByText('Everything is sent to anthropic first, by your choice.')).toBeVisible();
    await user.click(screen.getByRole('button', { name: 'Back to automatic' }));
    expect(router.calls).toContainEqual({ method: 'PUT', path: '/api/force', body: { provider: null } });
    await waitFor(() => expect(screen.queryByText(/by your choice/)).toBeNull());
  });

  it('is not offered by a router that does not know of it', async () => {
    open((r) => {
      const { force: _, ...older } = status();
      r.status = older as FakeRouter['status'];
    });
    await card('openai');
    expect(screen.queryByRole('group', { name: 'Send everything to' })).toBeNull();
    expect(screen.queryByText(/by your choice/)).toBeNull();
  });

  it('is told with the file that sets it', async () => {
    open();
    const order = within(await screen.findByRole('region', { name: 'Order' }));
    expect(order.getByRole('button', { name: 'Copy the path /srv/evenkeel/evenkeel.toml' })).toBeVisible();
    expect(order.getAllByRole('listitem')[0]).toHaveTextContent('openai is asked first; anthropic steps in when it can’t answer.');
  });

  it('is nobody’s to step in with one provider alone', async () => {
    open((r) => (r.status = status({ providers: [status().providers[0]!] })));
    expect(await screen.findByRole('heading', { name: 'No second provider' })).toBeVisible();
    expect(screen.queryByRole('group', { name: 'Send everything to' })).toBeNull();
  });
});

describe('in practice', () => {
  it('needs no key, takes faults, and says how to get out', async () => {
    const router = open((r) => {
      r.status = practiceStatus();
      r.keys = [keyRow({ provider: 'cache', source: 'none', last4: null, state: 'missing' })];
      r.config = { ...r.config, settings: { ...r.config.settings, providers: {} } };
    });
    const a = await card('practice-a');
    expect(a.getByText('needs no key')).toBeVisible();
    expect(a.queryByRole('button', { name: /Replace|Test/ })).toBeNull();
    await user.click(await a.findByRole('button', { name: 'Hangs' }));
    expect(router.calls).toContainEqual({ method: 'PUT', path: '/api/practice/practice-a', body: { fault: 'hang', value: null } });
    const real = within(screen.getByRole('region', { name: 'Use real providers' }));
    await user.click(real.getByRole('button', { name: /^Copy the lines/ }));
    expect(await navigator.clipboard.readText()).toBe('[providers.openai]\n\n[providers.anthropic]\n');

    await user.keyboard('1');
    expect(await screen.findByText(/Practice runs because/)).toHaveTextContent('names no provider');
  });

  it('that was chosen at the start ends with the next start', async () => {
    open((r) => (r.status = practiceStatus()));
    const real = within(await screen.findByRole('region', { name: 'Use real providers' }));
    expect(real.getByText(/Practice was chosen/)).toHaveTextContent('openai and anthropic will answer');
    await user.keyboard('1');
    await screen.findByRole('heading', { name: 'See a failover now' });
    expect(screen.queryByText(/Practice runs because/)).toBeNull();
  });
});
