import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  plugins: [svelte()],
  // Relative addresses: one build works under /dashboard/ and inside the desktop window.
  base: './',
  build: {
    target: 'safari15',
    // The polyfill would be one more script; every engine we run in knows modulepreload or ignores it.
    modulePreload: { polyfill: false },
    // Inlined assets would become data: URLs, which the content security policy allows only for images.
    assetsInlineLimit: 0,
  },
  server: { host: '127.0.0.1', port: 5173, strictPort: true },
  test: {
    environment: 'jsdom',
    include: ['src/**/*.test.ts'],
    setupFiles: ['src/test/setup.ts'],
    env: { TZ: 'UTC' },
    // One jsdom for all files: they clean up after themselves, and starting one costs more than most tests.
    isolate: false,
    restoreMocks: true,
    // The contrast test reads tokens.css as it is.
    css: true,
  },
  // Tests mount components, so they need Svelte's browser build, not its server one.
  resolve: process.env.VITEST ? { conditions: ['browser'] } : {},
});
