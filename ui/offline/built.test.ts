/** The file that apps copy, built as it is shipped. */
import { build, type Rolldown } from 'vite';
import { beforeAll, expect, it } from 'vitest';
import dashboards from '../src/styles/tokens.css?raw';
import demos from '../../docs/recipes/offline-web-app/tokens.css?raw';

let code = '';

beforeAll(async () => {
  const configFile = new URL('vite.config.ts', import.meta.url).pathname;
  const [built] = (await build({ configFile, logLevel: 'silent', build: { write: false } })) as Rolldown.RolldownOutput[];
  code = built!.output[0].code;
});

it('is under 4 kB gzipped', async () => {
  const packed = new Blob([code]).stream().pipeThrough(new CompressionStream('gzip'));
  const { byteLength } = await new Response(packed).arrayBuffer();
  console.log(`evenkeel-sw.js: ${code.length} bytes, ${byteLength} gzipped`);
  expect(byteLength).toBeLessThan(4000);
});

it('says what it is, and is one script that both kinds of worker take', () => {
  expect(code).toMatch(/^\/\*! evenkeel-sw\.js \d+\.\d+\.\d+, Apache-2\.0 OR MIT/);
  expect(code).not.toMatch(/^\s*(?:import|export)\b/m);
  expect(() => new Function(code)).not.toThrow();
});

it('the demo of the recipe has the dashboard’s colours', () => {
  expect(demos).toBe(dashboards);
});
