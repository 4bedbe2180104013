import { render, screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import App from '../App.svelte';
import { FakeRouter } from '../test/router.ts';
import { configView, status } from '../test/samples.ts';

const user = userEvent.setup();

afterEach(() => {
  delete window.__TAURI_INTERNALS__;
  delete document.documentElement.dataset.theme;
  localStorage.clear();
});

function open(set: (router: FakeRouter) => void = () => {}) {
  const router = new FakeRouter();
  set(router);
  history.replaceState(null, '', '/dashboard/#/settings');
  render(App, { props: { transport: router } });
  return router;
}

const heading = () => screen.findByRole('heading', { name: 'Settings' });

describe('Settings', () => {
  it('opens by its key', async () => {
    open();
    await heading();
    await user.keyboard('1');
    await screen.findByRole('region', { name: 'Promises' });
    await user.keyboard(',');
    expect(await heading()).toBeVisible();
    expect(screen.getByRole('link', { name: 'Settings' })).toHaveAttribute('aria-current', 'page');
  });

  it('remembers a theme, and forgets it for the system’s', async () => {
    open();
    await heading();
    await user.click(screen.getByRole('button', { name: 'Dark' }));
    expect(document.documentElement.dataset.theme).toBe('dark');
    expect(localStorage.getItem('evenkeel.theme')).toBe('dark');
    await user.click(screen.getByRole('button', { name: 'System' }));
    expect(document.documentElement.dataset.theme).toBeUndefined();
    expect(localStorage.getItem('evenkeel.theme')).toBeNull();
  });

  it('names mistakes with line and fix, and what stays in force', async () => {
    open((r) => {
      r.config = configView({
        config_error: 'line 14: There is no setting “retrys”.',
        problems: [{ severity: 'error', file: '', line: 14, column: 1, key: 'routes[0].retrys', message: 'There is no setting “retrys”.', fix: 'Did you mean “retries”?' }],
      });
    });
    const file = within(await screen.findByRole('region', { name: 'Settings file' }));
    expect(file.getByText('1 mistake. The last good settings stay in force.')).toBeVisible();
    expect(file.getByText('Line 14: There is no setting “retrys”.')).toBeVisible();
    expect(file.getByText('Did you mean “retries”?')).toBeVisible();
    await user.click(file.getByRole('button', { name: 'Copy the path /srv/evenkeel/evenkeel.toml' }));
    expect(await navigator.clipboard.readText()).toBe('/srv/evenkeel/evenkeel.toml');
  });

  it('turns bypass on, but not against the environment', async () => {
    const router = open();
    const bypass = await screen.findByRole('switch', { name: 'Bypass router' });
    expect(bypass).toHaveAccessibleDescription('While on, everything goes to openai untouched and nothing is rescued.');
    await user.click(bypass);
    expect(router.calls).toContainEqual({ method: 'PUT', path: '/api/bypass', body: { on: true } });
    await waitFor(() => expect(bypass).toBeChecked());

    router.status = status({ bypass: { on: true, source: 'env', since: null } });
    router.emit('bypass_changed', 'x');
    await waitFor(() => expect(bypass).toBeDisabled(), { timeout: 3000 });
    expect(bypass).toHaveAccessibleDescription(/BYPASS_ROUTER/);
  });

  it('sends a test alert and says what each channel did with it', async () => {
    const page = (kind: string, channel: string, error: string | null) => ({ kind, channel, ok: error === null, error });
    const router = open((r) => {
      r.sent = ['success', 'p95', 'cost'].flatMap((kind) => [page(kind, 'desktop', null), page(kind, 'webhook', 'It answered 500.')]);
    });
    await heading();
    await user.click(screen.getByRole('button', { name: 'Send a test alert' }));
    expect(router.calls).toContainEqual({ method: 'POST', path: '/api/alerts/test', body: undefined });
    expect(await screen.findByText('Notifications: took all three.')).toBeVisible();
    expect(screen.getByText('Webhook: took 0 of 3. It answered 500.')).toBeVisible();
  });

  it('says where a test alert can’t be sent at all', async () => {
    open((r) => (r.refuses = { status: 503, body: { code: 'internal_error', message: 'Not now.', hint: null } }));
    await heading();
    await user.click(screen.getByRole('button', { name: 'Send a test alert' }));
    expect(await screen.findByText('Not now.')).toBeVisible();
  });

  it('copies a report without a key in it', async () => {
    open();
    await heading();
    await user.click(screen.getByRole('button', { name: 'Copy report' }));
    const report = await navigator.clipboard.readText();
    expect(report).toContain('Provider openai: primary, openai, key ok from keychain');
    expect(report).not.toContain('4f2a');
  });
});

describe('what only the window can do', () => {
  it('is not shown in a browser', async () => {
    open();
    await heading();
    expect(screen.queryByRole('switch', { name: 'Start at login' })).toBeNull();
    expect(screen.queryByRole('button', { name: /notification/ })).toBeNull();
  });

  it('is there in the window, and shows what came of it', async () => {
    let on = false;
    const invoke = vi.fn(async (command: string, payload: Record<string, unknown>) => {
      if (command === 'autostart') on = payload.on === true;
      return command === 'autostart_state' ? on : null;
    });
    window.__TAURI_INTERNALS__ = { invoke };
    open();
    const login = await screen.findByRole('switch', { name: 'Start at login' });
    await user.click(login);
    expect(invoke).toHaveBeenCalledWith('autostart', { on: true });
    await waitFor(() => expect(login).toBeChecked());
    await user.click(screen.getByRole('button', { name: 'Send a test notification' }));
    expect(await screen.findByText(/^Sent\./)).toBeVisible();
  });

  it('stays as it is, with a word, where the system does not let it be changed', async () => {
    const invoke = (command: string) => (command === 'autostart_state' ? Promise.resolve(false) : Promise.reject(new Error('denied')));
    window.__TAURI_INTERNALS__ = { invoke };
    open();
    const login = await screen.findByRole('switch', { name: 'Start at login' });
    await user.click(login);
    expect(await screen.findByRole('alert')).toHaveTextContent('could not be changed');
    expect(login).not.toBeChecked();
  });

  it('goes away where the window can’t', async () => {
    window.__TAURI_INTERNALS__ = { invoke: () => Promise.reject(new Error('no such command')) };
    open();
    await heading();
    expect(screen.queryByRole('switch', { name: 'Start at login' })).toBeNull();
    await user.click(screen.getByRole('button', { name: 'Send a test notification' }));
    expect(await screen.findByText(/shows none for Evenkeel/)).toBeVisible();
    expect(screen.queryByRole('button', { name: 'Send a test notification' })).toBeNull();
  });
});
