import { render, screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import App from '../App.svelte';
import { FakeRouter } from '../test/router.ts';
import { tool } from '../test/samples.ts';

const user = userEvent.setup();

async function open(change: (router: FakeRouter) => void = () => {}) {
  const router = new FakeRouter();
  change(router);
  history.replaceState(null, '', '/dashboard/#/providers');
  render(App, { props: { transport: router } });
  const card = await screen.findByRole('region', { name: 'Connected tools' });
  return { router, card: within(card) };
}
const changes = (router: FakeRouter) => router.calls.filter((c) => c.path.startsWith('/api/tools/')).map((c) => [c.path.split('/').slice(3).join(' '), (c.body as { dry_run: boolean }).dry_run]);

describe('connected tools', () => {
  it('shows what connecting changes before anything is written', async () => {
    const { router, card } = await open();
    await user.click(await card.findByRole('button', { name: 'Connect: Claude Code' }));
    const change = await card.findByRole('group', { name: 'What changes for Claude Code' });
    expect(within(change).getByText('/srv/me/.claude/settings.json')).toBeVisible();
    expect(within(change).getByText('"ANTHROPIC_BASE_URL": "http://127.0.0.1:9950"')).toBeVisible();
    expect(changes(router)).toEqual([['claude-code connect', true]]);
    const yes = within(change).getByRole('button', { name: 'Make this change: Claude Code' });
    expect(yes).toHaveFocus();
    await user.keyboard('{Enter}');
    expect(await card.findByText(/^Claude Code is connected\./)).toBeVisible();
    expect(changes(router).at(-1)).toEqual(['claude-code connect', false]);
    expect(await card.findByRole('button', { name: 'Disconnect: Claude Code' })).toHaveFocus();
  });

  it('leaves everything alone on Escape', async () => {
    const { router, card } = await open();
    await user.click(await card.findByRole('button', { name: 'Connect: Claude Code' }));
    await card.findByRole('group', { name: 'What changes for Claude Code' });
    await user.keyboard('{Escape}');
    expect(card.queryByRole('group')).toBeNull();
    expect(card.getByRole('button', { name: 'Connect: Claude Code' })).toHaveFocus();
    expect(changes(router).every(([, dry]) => dry)).toBe(true);
  });

  it('shows the change again where another hand was at the file meanwhile', async () => {
    const { router, card } = await open();
    await user.click(await card.findByRole('button', { name: 'Connect: Claude Code' }));
    await card.findByRole('group', { name: 'What changes for Claude Code' });
    router.diff = '@@ -1 +1 @@\n+"another": 1\n';
    await user.click(card.getByRole('button', { name: 'Make this change: Claude Code' }));
    expect(await card.findByText('The file was changed by another hand meanwhile.')).toBeVisible();
    expect(card.getByText('"another": 1')).toBeVisible();
    expect(changes(router).every(([, dry]) => dry)).toBe(true);
  });

  it('says what was left alone', async () => {
    const { card } = await open((r) => {
      r.tools = [tool({ state: 'changed', since: '2026-11-20T10:00:00Z' })];
      r.left = ['env.ANTHROPIC_BASE_URL'];
    });
    expect(await card.findByText('Changed since')).toBeVisible();
    await user.click(card.getByRole('button', { name: 'Disconnect: Claude Code' }));
    expect(await card.findByText('env.ANTHROPIC_BASE_URL was changed since and stays as it is.')).toBeVisible();
    await user.click(card.getByRole('button', { name: 'Put it back: Claude Code' }));
    expect(await card.findByText(/Claude Code is as it was before\..*stays as it is\./)).toBeVisible();
  });

  it('tells a refusal at its row', async () => {
    const { router, card } = await open();
    const button = await card.findByRole('button', { name: 'Connect: Claude Code' });
    router.refuses = { status: 422, body: { code: 'tool_file_invalid', message: 'settings.json is no JSON.', hint: 'Correct it.' } };
    await user.click(button);
    const alert = await card.findByRole('alert');
    expect(alert).toHaveTextContent('settings.json is no JSON. Correct it.');
    expect(alert.closest('li')).toContainElement(button);
  });

  it('offers nothing where nothing would come of it', async () => {
    const { card } = await open();
    expect(await card.findByText('can’t reach this computer')).toBeVisible();
    expect(card.queryByRole('button', { name: /Cursor|Codex/ })).toBeNull();
    expect(card.getByText(/^Not on this computer: Codex\./)).toBeVisible();
  });

  it('says so where there is no tool, with the address to give by hand', async () => {
    const { card } = await open((r) => (r.tools = [tool({ found: false })]));
    expect(await card.findByText('No tool that can be connected was found on this computer.')).toBeVisible();
    expect(card.getByRole('button', { name: 'Copy the address http://127.0.0.1:9950/v1' })).toBeVisible();
  });

  it('says when the list can’t be read, and looks again', async () => {
    const { router, card } = await open((r) => (r.broken = '/api/tools'));
    expect(await card.findByRole('alert')).toHaveTextContent('The figures can’t be read.');
    router.broken = null;
    await user.click(card.getByRole('button', { name: 'Look again' }));
    await waitFor(() => expect(card.getByText('Claude Code')).toBeVisible());
  });
});
