import { render, screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import App from './App.svelte';
import { FakeRouter } from './test/router.ts';
import { failedRow, practiceStatus, promise, rescuedRow, row, status } from './test/samples.ts';

const user = userEvent.setup();

afterEach(() => vi.useRealTimers());

function open(set: (router: FakeRouter) => void = () => {}, at = '#/overview') {
  const router = new FakeRouter();
  set(router);
  history.replaceState(null, '', `/dashboard/${at}`);
  render(App, { props: { transport: router } });
  return router;
}

const verdict = () => screen.findByRole('heading', { level: 1 });

describe('Overview', () => {
  it('shows in the sidebar who serves, with both base URLs to copy', async () => {
    open();
    const side = within(await screen.findByRole('navigation', { name: 'Main' }));
    expect(await side.findByText('openai serving')).toBeVisible();
    await user.click(side.getByRole('button', { name: 'Copy OpenAI base URL http://127.0.0.1:9950/v1' }));
    expect(await navigator.clipboard.readText()).toBe('http://127.0.0.1:9950/v1');
    expect(await side.findByText('Copied')).toBeInTheDocument();
  });

  it('marks practice, and sets and shows a fault', async () => {
    const router = open((r) => {
      r.status = practiceStatus();
      r.slos = [promise({ words: { ...promise().words, verdict: 'Practice: all three promises kept.' } })];
      r.rows = [row()];
    });
    expect(await screen.findByText('PRACTICE')).toBeVisible();
    expect(await verdict()).toHaveTextContent(/^Practice: /);
    const group = await screen.findByRole('group', { name: 'What practice-a does' });
    await user.click(within(group).getByRole('button', { name: 'Down' }));
    expect(router.calls).toContainEqual({ method: 'PUT', path: '/api/practice/practice-a', body: { fault: 'down', value: null } });
    await waitFor(() => expect(within(group).getByRole('button', { name: 'Down' })).toHaveAttribute('aria-pressed', 'true'));
    expect(screen.getByText(/practice-a is down by your choice/)).toBeVisible();

    await user.selectOptions(within(group).getByRole('combobox'), 'slow');
    expect(router.practice[0]).toMatchObject({ fault: 'slow', value: '3s' });
    const value = await screen.findByRole('textbox', { name: 'Delay, like 3s, practice-a' });
    await user.clear(value);
    await user.type(value, '8s{Enter}');
    await user.tab();
    await waitFor(() => expect(router.practice[0]).toMatchObject({ fault: 'slow', value: '8s' }));
  });

  it('says what the router refused', async () => {
    open((r) => {
      r.status = practiceStatus();
      r.refuses = { status: 400, body: { code: 'invalid_request', message: 'No such fault.', hint: 'Try `down`.' } };
    });
    const group = await screen.findByRole('group', { name: 'What practice-b does' });
    await user.click(within(group).getByRole('button', { name: 'Hangs' }));
    expect(await screen.findByRole('alert')).toHaveTextContent('No such fault. Try `down`.');
  });
});

describe('what holds on every screen', () => {
  it('names a pause of the alerts with its end', async () => {
    const router = open((r) => (r.status = status({ alerts_paused_until: '2099-11-20T14:18:00Z' })));
    expect(await screen.findByText(/^Alerts are paused until/)).toBeVisible();
    await user.click(screen.getByRole('button', { name: 'Resume' }));
    expect(router.calls).toContainEqual({ method: 'PUT', path: '/api/alerts/pause', body: { until: null } });
  });

  it('names bypass with the way back', async () => {
    const on = status({ bypass: { on: true, source: 'command', since: null } });
    const router = open((r) => (r.status = on), '#/requests');
    expect(await screen.findByText(/Nothing is rescued/)).toBeVisible();
    expect(screen.getByRole('button', { name: 'Copy evenkeel bypass off' })).toBeVisible();
    await user.click(screen.getByRole('button', { name: 'Turn off' }));
    expect(router.calls).toContainEqual({ method: 'PUT', path: '/api/bypass', body: { on: false } });
    await waitFor(() => expect(screen.queryByText(/Nothing is rescued/)).toBeNull());
  });

  it('offers no button against the environment, but says what to do', async () => {
    open((r) => (r.status = status({ bypass: { on: true, source: 'env', since: null } })));
    expect(await screen.findByText('BYPASS_ROUTER')).toBeVisible();
    expect(screen.queryByRole('button', { name: 'Turn off' })).toBeNull();
  });

  it('says what is wrong in the settings and what stays in force', async () => {
    open((r) => (r.status = status({ config_error: 'evenkeel.toml, line 14: no setting called “retrys”.' })));
    expect(await screen.findByText(/line 14: no setting called “retrys”/)).toHaveTextContent('The last good settings stay in force.');
  });

  it('asks for a login link without a session', async () => {
    open((r) => (r.signedOut = true));
    expect(await verdict()).toHaveTextContent('This page needs a login link.');
    expect(screen.getByRole('button', { name: 'Copy evenkeel dashboard' })).toBeVisible();
  });

  it('says how to start a router that isn’t running', async () => {
    const router = open((r) => {
      r.rows = [row()];
      r.down = true;
    });
    expect(await verdict()).toHaveTextContent('The router isn’t running.');
    router.down = false;
    await user.click(screen.getByRole('button', { name: 'Try again' }));
    await waitFor(async () => expect(await verdict()).toHaveTextContent('All three promises kept.'));
  });

  it('keeps the last figures, with their time, when the router goes away', async () => {
    const router = open((r) => (r.rows = [row()]));
    expect(await verdict()).toHaveTextContent('All three promises kept.');
    router.down = true;
    router.listener?.lost();
    expect(await screen.findByText(/^Figures as of \d\d:\d\d\.$/, {}, { timeout: 3000 })).toBeVisible();
    expect(await verdict()).toHaveTextContent('All three promises kept.');
    expect(screen.getByText(/^As of \d\d:\d\d\./)).toBeVisible();
  });
});

describe('live', () => {
  it('fetches at most once a second however much happens, and nothing while hidden', async () => {
    vi.useFakeTimers();
    const router = open();
    await vi.advanceTimersByTimeAsync(100);
    expect(router.count('/api/status')).toBe(1);
    for (let i = 0; i < 50; i += 1) {
      router.emit('settled', `one ${i}`);
      await vi.advanceTimersByTimeAsync(50);
    }
    const after = router.count('/api/status');
    expect(after).toBeGreaterThanOrEqual(3);
    expect(after).toBeLessThanOrEqual(4);

    vi.spyOn(document, 'hidden', 'get').mockReturnValue(true);
    document.dispatchEvent(new Event('visibilitychange'));
    expect(router.listener).toBeNull();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(router.count('/api/status')).toBe(after);

    vi.spyOn(document, 'hidden', 'get').mockReturnValue(false);
    document.dispatchEvent(new Event('visibilitychange'));
    await vi.advanceTimersByTimeAsync(100);
    expect(router.count('/api/status')).toBe(after + 1);
  });

  it('tells what happened in the router’s words', async () => {
    const router = open();
    await verdict();
    router.emit('switched', 'Switched to anthropic.');
    expect(await screen.findByText('Switched to anthropic.')).toBeVisible();
  });
});

describe('Requests', () => {
  const grid = () => screen.findByRole('grid', { name: 'Requests' });

  it('opens a request beside the list and closes it with Esc', async () => {
    const attempts = rescuedRow().attempts.map((a) => ({ ...a, detail: a.n === 1 ? '<b>no</b> capacity' : null }));
    open((r) => (r.rows = [row({ feature: 'call-notes' }), rescuedRow({ id: 'saved-1', attempts })]), '#/requests');
    await user.click(within(await grid()).getByText('Rescued'));
    const pane = within(await screen.findByRole('complementary', { name: 'Request' }));
    expect(pane.getByText('silent for 2.00 s')).toBeVisible();
    expect(pane.getByText('<b>no</b> capacity')).toBeVisible();
    expect(pane.getByText('A complete answer after 4.87 s, written by claude-haiku-4-5 for gpt-5-mini.')).toBeVisible();
    expect(pane.getByText('12 400')).toBeVisible();
    expect(location.hash).toBe('#/requests/saved-1');

    await user.click(pane.getByRole('button', { name: 'Copy support text' }));
    const copied = await navigator.clipboard.readText();
    expect(copied).toContain('request saved-1');
    // A provider's message may quote the prompt.
    expect(copied).not.toContain('capacity');
    await user.keyboard('{Escape}');
    await waitFor(() => expect(screen.queryByRole('complementary', { name: 'Request' })).toBeNull());
  });

  it('is walked through with the arrow keys', async () => {
    open((r) => (r.rows = [row({ id: 'a' }), row({ id: 'b' }), row({ id: 'c' })]), '#/requests');
    (await grid()).focus();
    await user.keyboard('{ArrowDown}{Enter}');
    expect(location.hash).toBe('#/requests/b');
    await user.keyboard('{ArrowDown}{ArrowDown}');
    expect(location.hash).toBe('#/requests/c');
    const selected = within(await grid()).getAllByRole('row').filter((r) => r.getAttribute('aria-selected') === 'true');
    expect(selected).toHaveLength(1);
    expect(await grid()).toHaveAttribute('aria-activedescendant', selected[0]!.id);
  });

  it('shows only failures when asked, from the router', async () => {
    open((r) => (r.rows = [row(), failedRow({ feature: 'broken-thing' }), row()]), '#/requests');
    await user.click(await screen.findByRole('button', { name: 'Failed 1' }));
    await waitFor(async () => expect(within(await grid()).getAllByRole('row')).toHaveLength(2));
    expect(screen.getByText('broken-thing')).toBeVisible();
  });

  it('counts failures the same before and after one asks for them, and while searching', async () => {
    // A request that ended in an error but counts for nothing is no failure.
    const wrong = row({ counted: 'no', status: 400, outcome: 'bad_request', feature: 'wrong-request' });
    open((r) => (r.rows = [row(), failedRow({ feature: 'one' }), wrong, failedRow({ feature: 'two' })]), '#/requests');
    await user.click(await screen.findByRole('button', { name: 'Failed 2' }));
    await waitFor(async () => expect(within(await grid()).getAllByRole('row')).toHaveLength(3));
    expect(screen.getByRole('button', { name: 'Failed 2' })).toHaveAttribute('aria-pressed', 'true');
    await user.type(screen.getByRole('searchbox'), 'two');
    expect(await screen.findByRole('button', { name: 'Failed 1' })).toBeVisible();
    expect(within(await grid()).getAllByRole('row')).toHaveLength(2);
    await user.click(screen.getByRole('button', { name: 'All' }));
    expect(await screen.findByRole('button', { name: 'Failed 1' })).toHaveAttribute('aria-pressed', 'false');
    expect(screen.getByRole('button', { name: 'All 1' })).toBeVisible();
  });

  it('limits the list to one tenant and lets go of it again', async () => {
    open((r) => (r.rows = [row({ id: 'x', tenant: 'acme' }), row({ tenant: 'globex', feature: 'other' })]), '#/requests/x');
    await user.click(await screen.findByRole('button', { name: 'Only this tenant: acme' }));
    await waitFor(() => expect(screen.queryByText('other')).toBeNull());
    await user.click(screen.getByRole('button', { name: 'Remove filter: tenant acme' }));
    expect(await screen.findByText('other')).toBeVisible();
  });

  it('draws a few dozen of ten thousand rows', async () => {
    open((r) => (r.rows = Array.from({ length: 10_000 }, () => row())), '#/requests');
    expect(within(await grid()).getAllByRole('row').length).toBeLessThan(80);
  });

  it('says what is missing when there is nothing yet, and when nothing matches', async () => {
    const router = open(() => {}, '#/requests');
    expect(await screen.findByText('No requests yet')).toBeVisible();
    router.rows = [row()];
    router.emit('settled', 'x');
    await user.type(await screen.findByRole('searchbox'), 'zzz');
    expect(await screen.findByText('Nothing matches', {}, { timeout: 3000 })).toBeVisible();
  });

  it('opens a request by its address though it is not in the list', async () => {
    open((r) => (r.rows = [...Array.from({ length: 250 }, () => row()), row({ id: 'deep', feature: 'old-one' })]), '#/requests/deep');
    expect(await screen.findByRole('heading', { name: 'old-one' })).toBeVisible();
  });
});

describe('keys', () => {
  it('switch screens and reach the search from anywhere, but not while typing', async () => {
    open((r) => (r.rows = [row()]));
    await verdict();
    await user.keyboard('2');
    expect(await screen.findByRole('heading', { name: 'Requests' })).toBeVisible();
    await user.keyboard('1');
    expect(await screen.findByRole('heading', { name: 'All three promises kept.' })).toBeVisible();
    await user.keyboard('/');
    await waitFor(() => expect(screen.getByRole('searchbox')).toHaveFocus());
    await user.keyboard('1');
    expect(screen.getByRole('searchbox')).toHaveValue('1');
    await user.keyboard('{Escape}');
    expect(screen.getByRole('searchbox')).toHaveValue('');
  });
});
