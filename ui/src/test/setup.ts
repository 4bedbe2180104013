import '@testing-library/jest-dom/vitest';
import { cleanup } from '@testing-library/svelte';
import { afterEach, beforeEach } from 'vitest';

// jsdom lays nothing out, so it never has a size to report.
class NoResize {
  observe() {}
  unobserve() {}
  disconnect() {}
}
globalThis.ResizeObserver ??= NoResize as unknown as typeof ResizeObserver;

beforeEach(() => {
  history.replaceState(null, '', '/dashboard/');
});

// Said here rather than by the library's own import, which would run for the first file only.
afterEach(() => cleanup());
