import { render, screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import App from '../App.svelte';
import { FakeRouter } from '../test/router.ts';
import { alert, earlyPromise, firingAlert, promise, rescuedRow, row, status } from '../test/samples.ts';

const user = userEvent.setup();

function open(set: (router: FakeRouter) => void = () => {}, at = '#/overview') {
  const router = new FakeRouter();
  router.rows = [row()];
  set(router);
  history.replaceState(null, '', `/dashboard/${at}`);
  render(App, { props: { transport: router } });
  return router;
}

const verdict = () => screen.findByRole('heading', { level: 1 });
const region = async (name: string) => within(await screen.findByRole('region', { name }));

/** The promise with a freeze on it. */
function frozen(policy = 'Frozen to about 28 Nov. Rollback is free.') {
  const words = { ...promise().words, policy };
  return promise({ words, frozen: { since: '2026-11-20T14:00:00Z', by_hand: false, reason: null, thaws: null } });
}

describe('the promises', () => {
  it('are the first thing said, with what is left, the basis, and the figures without saved answers', async () => {
    open();
    expect(await verdict()).toHaveTextContent('All three promises kept.');
    expect(screen.getByText('You can still afford 18 failed requests.')).toBeVisible();
    expect(screen.getByText('8,412 requests in 30 days, observed 312 of 720 h.')).toBeVisible();
    expect(screen.getByText(/4\.8 % were saved answers/)).toBeVisible();
  });

  it('stand in three tiles with state, figure, target, basis and allowance', async () => {
    open();
    const promises = await region('Promises');
    const [success, speed, cost] = promises.getAllByRole('article');
    expect(success).toHaveTextContent('Success rate Kept 99.71 % target 99.5 % 8,412 requests in 30 days 18 of 42 failures left Watch');
    expect(speed).toHaveTextContent('p95 latency Kept 2.02 s target 2.5 s first byte, 8,388 in 30 days 236 of 419 slow left Healthy');
    expect(cost).toHaveTextContent('Average cost Kept $0.0073 target $0.015 $61.40 spent in 30 days $64.78 of $126.18 left Healthy');
  });

  it('say that it is too early instead of 100 %', async () => {
    open((r) => {
      r.slos = [earlyPromise()];
      r.rows = [rescuedRow({ at: new Date().toISOString() }), row()];
    });
    expect(await verdict()).toHaveTextContent('Too early to say. 2 requests so far.');
    const promises = await region('Promises');
    expect(promises.getAllByText('unknown')).toHaveLength(3);
    expect(promises.getByText('2 of 2 answered, likely 34.23 % or more')).toBeVisible();
    expect(promises.getByText('nothing priced yet')).toBeVisible();
    expect(promises.queryByText(/\b(?:0|100)(?:\.0+)? %/)).toBeNull();
    expect(screen.getByText('Switched to practice-b. practice-a stopped answering.')).toBeVisible();
  });

  it('are followed by how many failures are left, until when, and where the others went', async () => {
    open();
    const budget = await region('How many failures can you still afford?');
    expect(budget.getByText('18 of 42 failures left.')).toBeVisible();
    expect(budget.getByText(/At this pace gone 28 Nov – 6 Dec\./)).toBeVisible();
    expect(budget.getByText('Deploy you declared: new prompt for Invoice reader.')).toBeVisible();
    expect(budget.getByText('19 requests failed')).toBeVisible();
  });

  it('count older entries together, so that nothing spent is left out', async () => {
    const [first] = promise().entries;
    const entries = Array.from({ length: 6 }, (_, i) => ({ ...first!, bad: 2, from: `2026-11-1${i}T10:00:00Z` }));
    open((r) => (r.slos = [promise({ entries, older_entries: { entries: 3, bad: 12 } })]));
    const budget = await region('How many failures can you still afford?');
    expect(budget.getByText('And 16 requests in 5 entries before.')).toBeVisible();
  });

  it('are all listed where there are several, and each can fill the screen', async () => {
    const words = { ...promise().words, verdict: 'Speed promise missed.', tray: '99.80 % answered · 3 failures left' };
    open((r) => (r.slos = [promise(), promise({ name: 'Acme', met: false, words })]));
    const every = await region('Every promise');
    expect(every.getByRole('button', { name: /Everything/ })).toHaveAttribute('aria-pressed', 'true');
    await user.click(every.getByRole('button', { name: /Acme.*Speed promise missed/ }));
    expect(await verdict()).toHaveTextContent('Speed promise missed.');
  });

  it('give way to the next two steps before the first request', async () => {
    const router = open((r) => {
      r.rows = [];
      r.slos = [earlyPromise({ n: 0, words: { ...earlyPromise().words, verdict: 'No requests yet.' } })];
    });
    expect(await verdict()).toHaveTextContent('No requests yet.');
    const empty = await region('Send the first one');
    await user.click(empty.getByRole('button', { name: 'Copy the base URL for a tool http://127.0.0.1:9950/v1' }));
    expect(await navigator.clipboard.readText()).toBe('http://127.0.0.1:9950/v1');
    expect(empty.getByRole('button', { name: /^Copy a command that sends one request/ })).toBeVisible();
    expect(empty.getByRole('link', { name: 'Connect a tool' })).toHaveAttribute('href', '#/providers');
    await user.click(empty.getByRole('button', { name: 'Send a test request' }));
    expect(router.calls).toContainEqual(expect.objectContaining({ method: 'POST', path: '/api/test' }));
    expect(screen.queryByRole('heading', { name: 'What happened' })).toBeNull();
  });

  it('follow the requests as they end', async () => {
    const router = open();
    await verdict();
    router.slos = [promise({ met: false, words: { ...promise().words, verdict: 'Success promise missed.' } })];
    router.emit('settled', 'Answered.');
    await waitFor(async () => expect(await verdict()).toHaveTextContent('Success promise missed.'), { timeout: 3000 });
  });

  it('do not hide who answers when they can’t be read', async () => {
    const router = open((r) => (r.broken = '/api/slo'));
    expect(await verdict()).toHaveTextContent('openai is answering.');
    expect(await screen.findByText('The figures can’t be read.')).toBeVisible();
    expect(router.count('/api/slo')).toBeGreaterThan(0);
  });
});

describe('an alert that fires', () => {
  it('is on top with its sentence, and can be acknowledged', async () => {
    const router = open((r) => (r.alerts = [firingAlert(), alert({ kind: 'p95' }), alert({ kind: 'cost' })]));
    expect(await verdict()).toHaveTextContent('All three promises kept, but too many requests fail now.');
    const notice = await screen.findByRole('alert');
    expect(notice).toHaveTextContent('Too many requests fail. 12 of 30 failed in 5 min');
    await user.click(within(notice).getByRole('button', { name: 'Acknowledge' }));
    expect(router.calls).toContainEqual({ method: 'POST', path: '/api/alerts/success%3AEverything/ack', body: { incident: 7 } });
    expect(await within(notice).findByText('Acknowledged')).toBeVisible();
    expect(within(notice).queryByRole('button', { name: 'Acknowledge' })).toBeNull();
  });

  it('offers the other provider, and uses only that on a click', async () => {
    const router = open((r) => (r.alerts = [firingAlert()]));
    await user.click(await screen.findByRole('button', { name: 'Use only anthropic' }));
    expect(router.calls).toContainEqual({ method: 'PUT', path: '/api/force', body: { provider: 'anthropic' } });
    expect(await screen.findByText(/Everything is sent to anthropic first, by your choice/)).toBeVisible();
  });

  it('stands in the list of the three, with a word for each', async () => {
    open((r) => (r.alerts = [alert(), alert({ kind: 'p95', state: 'pending' }), firingAlert({ kind: 'cost' })]));
    const rows = (await region('Alerts')).getAllByRole('listitem').map((li) => li.textContent);
    expect(rows.map((text) => /(Quiet|At risk|Firing)\s*$/.exec(text ?? '')?.[1])).toEqual(['Quiet', 'At risk', 'Firing']);
  });

  it('says when its pages reach nobody', async () => {
    open((r) => (r.status = status({ alert_error: 'No notification service answers.' })));
    expect(await screen.findByRole('alert')).toHaveTextContent('Alerts do not reach you. No notification service answers.');
  });
});

describe('a frozen budget', () => {
  it('is on every screen with its reason, and thaws only when asked twice', async () => {
    const router = open((r) => {
      r.status = status({ frozen: true });
      r.slos = [frozen()];
    }, '#/requests');
    const notices = await region('Notices');
    expect(await notices.findByText(/Frozen to about 28 Nov\. Rollback is free\./)).toBeVisible();
    expect(notices.getByRole('link', { name: 'See why' })).toHaveAttribute('href', '#/overview');
    await user.click(notices.getByRole('button', { name: 'Thaw…' }));
    expect(router.count('/api/budget/thaw')).toBe(0);
    await user.click(notices.getByRole('button', { name: 'Stay frozen' }));
    await user.click(notices.getByRole('button', { name: 'Thaw…' }));
    await user.click(notices.getByRole('button', { name: 'Thaw' }));
    expect(router.calls).toContainEqual({ method: 'POST', path: '/api/budget/thaw', body: undefined });
    await waitFor(() => expect(screen.queryByText(/Frozen to about/)).toBeNull());
  });
});
