import { defineConfig } from 'vitest/config';
import metadata from '../package.json' with { type: 'json' };

/** The service worker is a file of its own: one classic script, under a name that never changes. */
export default defineConfig({
  root: import.meta.dirname,
  publicDir: false,
  build: {
    outDir: '../dist/offline',
    emptyOutDir: true,
    target: 'es2022',
    lib: { entry: 'worker.ts', formats: ['iife'], name: 'evenkeel', fileName: () => 'evenkeel-sw.js' },
    rolldownOptions: {
      output: {
        // What the minifier would take for a comment like any other.
        postBanner: `/*! evenkeel-sw.js ${metadata.version}, Apache-2.0 OR MIT. Keeps answers for when the network fails: docs/recipes/offline-web-app.md */`,
      },
    },
  },
  test: { include: ['*.test.ts'], environment: 'node' },
});
