import { render, screen, waitFor } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import App from '../App.svelte';
import { FakeRouter } from '../test/router.ts';

const user = userEvent.setup();

function open(hash = '#/providers') {
  const router = new FakeRouter();
  history.replaceState(null, '', `/dashboard/${hash}`);
  render(App, { props: { transport: router } });
  return router;
}

const wait = () => screen.findByRole<HTMLInputElement>('textbox', { name: 'Wait for the first token' });
const edits = (router: FakeRouter) => router.calls.filter((c) => c.method === 'PATCH').map((c) => c.body as { dry_run: boolean; reason: string | null; changes: unknown[] });
const refusal = (code: string, more: object = {}) => ({ code, message: 'No.', hint: null, problems: [], meanwhile: null, ...more });

describe('a value in a sentence', () => {
  it('is checked while it is typed, and written on Enter', async () => {
    const router = open();
    const field = await wait();
    expect(field).toHaveValue('2s');
    await user.clear(field);
    await user.type(field, '4s');
    await waitFor(() => expect(edits(router).at(-1)).toMatchObject({ dry_run: true, version: null }));
    expect(screen.getByRole('button', { name: 'Save switch rules' })).toBeEnabled();
    await user.type(field, '{Enter}');
    await screen.findByText('Saved, and in force.');
    expect(edits(router).at(-1)).toEqual({
      version: 'v1', reason: null, dry_run: false, changes: [{ op: 'set', path: 'routes[0].first_token_timeout', value: '4s' }],
    });
  });

  it('that is wrong says so at the field, and can’t be saved', async () => {
    const router = open();
    const field = await wait();
    const problem = { severity: 'error', file: '', line: 3, column: 1, key: 'routes[0].first_token_timeout', message: 'It must be a duration.', fix: 'Write 2s.' };
    router.refuses = { status: 422, body: refusal('setting_invalid', { problems: [problem] }) };
    await user.clear(field);
    await user.type(field, 'soon');
    expect(await screen.findByText('It must be a duration. Write 2s.')).toBeVisible();
    expect(field).toBeInvalid();
    expect(field).toHaveAccessibleDescription('It must be a duration. Write 2s.');
    expect(screen.getByRole('button', { name: 'Save switch rules' })).toBeDisabled();
    await user.type(field, '{Escape}');
    expect(field).toHaveValue('2s');
    expect(field).toBeValid();
  });

  it('waits for a reason where the budget is frozen, and sends it', async () => {
    const router = open();
    const field = await wait();
    await user.clear(field);
    await user.type(field, '4s');
    router.refuses = { status: 409, body: refusal('budget_frozen', { message: 'The change of routes waits.' }) };
    await user.click(screen.getByRole('button', { name: 'Save switch rules' }));
    expect(await screen.findByText('The change of routes waits.')).toBeInTheDocument();
    router.refuses = null;
    await user.type(screen.getByLabelText('Why is it worth it?'), 'an outage{Enter}');
    await screen.findByText('Saved, and in force.');
    expect(edits(router).at(-1)).toMatchObject({ dry_run: false, reason: 'an outage' });
  });

  it('that is changed again at once is made to what was just written', async () => {
    const router = open();
    const field = await wait();
    // The page has not read the file again yet: the answer to the change alone knows its version.
    const before = router.config;
    Object.defineProperty(router, 'config', {
      get: () => (router.calls.at(-1)?.method === 'PATCH' ? { ...before, version: 'v2' } : before),
    });
    for (const [text, version] of [['4s', 'v1'], ['5s', 'v2']]) {
      await user.clear(field);
      await user.type(field, `${text}{Enter}`);
      await screen.findByText('Saved, and in force.');
      expect(edits(router).at(-1)).toMatchObject({ version, dry_run: false });
    }
  });

  it('is kept when the file was changed by another hand, with both to see', async () => {
    const router = open();
    const field = await wait();
    await user.clear(field);
    await user.type(field, '4s');
    router.refuses = { status: 409, body: refusal('config_changed', { meanwhile: { version: 'v2', line: 7, was: ['retries = 1'], is: ['retries = 2'] } }) };
    await user.click(screen.getByRole('button', { name: 'Save switch rules' }));
    expect(await screen.findByText('retries = 2')).toBeVisible();
    expect(screen.getByText('From line 7:')).toBeVisible();
    router.refuses = null;
    router.config = { ...router.config, version: 'v2' };
    await user.click(screen.getByRole('button', { name: 'Read it again' }));
    await waitFor(() => expect(screen.queryByText('retries = 2')).toBeNull());
    expect(field).toHaveValue('4s');
    await user.click(screen.getByRole('button', { name: 'Save switch rules' }));
    await screen.findByText('Saved, and in force.');
    expect(edits(router).at(-1)).toMatchObject({ version: 'v2', dry_run: false });
  });
});

describe('a provider', () => {
  it('that is well known is added by its name alone', async () => {
    const router = open();
    await user.click(await screen.findByRole('button', { name: 'Add a provider' }));
    // Those that are there already are not offered.
    expect(screen.queryByRole('option', { name: 'openai' })).toBeNull();
    await user.click(screen.getByRole('button', { name: 'Add' }));
    await waitFor(() => expect(edits(router).at(-1)?.changes).toEqual([{ op: 'add_provider', name: 'groq', values: {} }]));
  });

  it('is asked first in every route of the two', async () => {
    const router = open();
    await user.click(await screen.findByRole('button', { name: 'Ask anthropic first' }));
    await waitFor(() => expect(edits(router).at(-1)?.changes).toEqual([{ op: 'swap', route: 0 }]));
  });
});

describe('the first steps', () => {
  it('are shown when nothing is configured, and once', async () => {
    localStorage.clear();
    const router = new FakeRouter();
    router.status = { ...router.status, practice: true };
    router.config = { ...router.config, settings: { ...router.config.settings, providers: {} } };
    router.keys = [];
    history.replaceState(null, '', '/dashboard/');
    const { unmount } = render(App, { props: { transport: router } });
    expect(await screen.findByRole('heading', { name: 'Two keys, one promise, one tool.' })).toBeVisible();
    await user.click(await screen.findByRole('button', { name: 'Use these two' }));
    await waitFor(() => expect(edits(router).at(-1)?.changes).toHaveLength(2));
    await user.click(screen.getByRole('link', { name: 'Try it without keys' }));
    unmount();
    history.replaceState(null, '', '/dashboard/');
    render(App, { props: { transport: router } });
    await screen.findByRole('region', { name: 'Promises' });
    expect(screen.queryByRole('heading', { name: 'Two keys, one promise, one tool.' })).toBeNull();
    localStorage.clear();
  });
});

describe('what is taken away', () => {
  it('is a provider, after saying what becomes of its key', async () => {
    const router = open();
    await user.click(await screen.findByRole('button', { name: 'Remove anthropic' }));
    expect(screen.getByText(/^Its key ••••c91e stays in the keychain/)).toBeVisible();
    expect(screen.getByText('Remove anthropic? Then openai is asked alone.')).toBeVisible();
    expect(screen.getByRole('button', { name: 'Keep it' })).toHaveFocus();
    await user.keyboard('{Escape}');
    expect(screen.getByRole('button', { name: 'Remove anthropic' })).toHaveFocus();
    expect(edits(router)).toEqual([]);
    await user.click(screen.getByRole('button', { name: 'Remove anthropic' }));
    await user.click(screen.getByRole('button', { name: 'Remove it' }));
    await waitFor(() => expect(edits(router).at(-1)?.changes).toEqual([{ op: 'remove_provider', name: 'anthropic' }]));
  });

  it('is a name, with the mistake at its field', async () => {
    const router = open();
    await user.click(await screen.findByRole('button', { name: 'Rename openai' }));
    const field = screen.getByLabelText('New name of openai');
    expect(screen.getByText(/is kept under openai and stays there/)).toBeVisible();
    const problem = { severity: 'error', file: '', line: 0, column: 0, key: 'providers.openai', message: 'There is one already.', fix: 'Choose another name.' };
    router.refuses = { status: 422, body: refusal('setting_invalid', { problems: [problem] }) };
    await user.clear(field);
    await user.type(field, 'anthropic{Enter}');
    await waitFor(() => expect(field).toHaveAccessibleDescription('There is one already. Choose another name.'));
    router.refuses = null;
    await user.clear(field);
    await user.type(field, 'mine{Enter}');
    await waitFor(() => expect(edits(router).at(-1)?.changes).toEqual([{ op: 'rename_provider', name: 'openai', to: 'mine' }]));
  });

  it('is a promise, and one more can be made', async () => {
    const router = open('#/settings');
    await user.click(await screen.findByRole('button', { name: 'Add a promise' }));
    await user.type(screen.getByLabelText('Name'), 'Support');
    await user.type(screen.getByLabelText('Only this feature'), 'support-bot');
    await user.click(screen.getByRole('button', { name: 'Add it' }));
    const values = { name: 'Support', feature: 'support-bot', success: 99.5 };
    await waitFor(() => expect(edits(router).at(-1)?.changes).toEqual([{ op: 'insert', path: 'slo[1]', values }]));
  });
});

describe('a screen whose content comes later', () => {
  it('says what it is for, what can be done today, and offers no button that does nothing', async () => {
    open('#/drill');
    expect(await screen.findByRole('heading', { name: 'Friday drill' })).toBeVisible();
    expect(screen.getByText(/does not lead a drill yet/)).toBeVisible();
    await user.keyboard('5');
    expect(await screen.findByRole('heading', { name: 'SLO kit' })).toBeVisible();
    const main = screen.getByRole('main');
    for (const button of main.querySelectorAll('button')) expect(button).toHaveAccessibleName(/^Copy evenkeel /);
  });
});
