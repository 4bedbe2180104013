import { render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import Copy from './Copy.svelte';

const long = 'evenkeel practice fault practice-a down';

it('copies the whole text, whatever of it is in sight, and says so', async () => {
  const user = userEvent.setup();
  render(Copy, { props: { text: long, label: 'evenkeel …' } });
  await user.click(screen.getByRole('button', { name: 'Copy evenkeel …' }));
  expect(await navigator.clipboard.readText()).toBe(long);
  expect(await screen.findByRole('status')).toHaveTextContent('Copied');
});

it('does not claim a copy that the browser refused', async () => {
  const user = userEvent.setup();
  vi.spyOn(navigator.clipboard, 'writeText').mockRejectedValue(new Error('not allowed'));
  render(Copy, { props: { text: long } });
  await user.click(screen.getByRole('button'));
  expect(await screen.findByRole('status')).toHaveTextContent('Could not copy');
  expect(document.querySelector('textarea')).toBeNull();
});
