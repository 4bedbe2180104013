// Every screen at every size, for dashboard.mjs: nothing wider than its window, nothing that axe-core objects to, and a
// picture of each. Those of `screens` and `configured` are the documentation's.
import assert from 'node:assert/strict';

const { BASE, LOGIN } = process.env;

/** The window as it opens, and the same at 200 %: half as many points, each twice as large. */
export const SIZES = [
  ['960x640', { width: 960, height: 640 }, 1],
  ['200-percent', { width: 480, height: 320 }, 2],
];
const SCHEMES = ['light', 'dark'];

const title = (name) => (page) => page.getByRole('heading', { level: 1, name }).waitFor();
const within = (name) => (page) => page.getByRole('region', { name }).waitFor();
const step = (n) => (page) => page.getByText(`${n} of 3`, { exact: true }).waitFor();

/** From the first steps of two configured providers to the step that is wanted. */
const walk = (to) => async (page) => {
  await step(1)(page);
  for (let n = 1; n < to; n += 1) {
    await page.getByRole('button', { name: 'Continue' }).click();
    await step(n + 1)(page);
  }
  if (to === 3) await page.getByRole('button', { name: 'Connect: Claude Code' }).waitFor();
};

/** What sticks out: of the window, or of a box that would scroll sideways. Only a chart's table may. */
export async function fits(page, name, troubles) {
  const out = await page.evaluate(() => {
    const seen = [];
    const say = (it) => `${it.tagName.toLowerCase()}.${it.className?.baseVal ?? it.className} “${it.textContent.trim().slice(0, 40)}”`;
    if (document.documentElement.scrollWidth > innerWidth) seen.push(`the page by ${document.documentElement.scrollWidth - innerWidth} px`);
    for (const box of document.querySelectorAll('body *:not(.twin)')) {
      const by = box.scrollWidth - box.clientWidth;
      if (by > 0 && /auto|scroll/.test(getComputedStyle(box).overflowX)) seen.push(`${say(box)} scrolls sideways by ${by} px`);
    }
    for (const it of document.querySelectorAll('a:not(.skip), button, input, select, h1, h2, h3')) {
      const { left, right, width } = it.getBoundingClientRect();
      if (width > 1 && (left < -0.5 || right > innerWidth + 0.5)) seen.push(`${say(it)} from ${left} to ${right} px`);
    }
    return seen;
  });
  for (const it of out) troubles.push(`${name}: out of the window: ${it}`);
}

export function screens({ open, says, accessible, picture, troubles, ask }) {
  /** The link works once; the session that it gives is for all pages. */
  let session = null;
  async function signedIn() {
    if (session === null) {
      const page = await open();
      await page.goto(LOGIN);
      await page.locator('h1').first().waitFor();
      session = await page.context().storageState();
    }
    return session;
  }

  /** Opens each screen in each theme and size, and looks at it; `also` sees the page as well. */
  async function everywhere(list, sizes, schemes, also = async () => {}) {
    const storageState = await signedIn();
    for (const colorScheme of schemes) {
      for (const [size, viewport, deviceScaleFactor] of sizes) {
        const page = await open({ colorScheme, viewport, deviceScaleFactor, storageState });
        for (const [screen, hash, ready] of list) {
          const name = `${screen}-${size}-${colorScheme}`;
          // An address of its own: with another fragment alone the page would not be opened anew.
          await page.goto(`${BASE}/dashboard/?${screen}${hash}`);
          await ready(page);
          await also(page, screen, colorScheme);
          await fits(page, name, troubles);
          await accessible(page, name);
          await picture(page, name);
        }
        await page.context().close();
      }
    }
  }

  /** The newest request that the second provider stepped in for. */
  async function rescued() {
    const page = await open({ storageState: await signedIn() });
    await page.goto(`${BASE}/dashboard/#/requests`);
    await page.getByRole('group', { name: 'Show', exact: true }).getByRole('button', { name: /^Rescued/ }).click();
    const row = page.getByRole('grid', { name: 'Requests' }).locator('tbody tr').filter({ hasText: 'Rescued' }).first();
    // The newest page has one or has none, by the time of day at which the month ends.
    const older = page.getByRole('button', { name: 'Load older' });
    await row.or(older).first().waitFor();
    while ((await row.count()) === 0) await older.click();
    await row.click();
    await page.getByRole('complementary', { name: 'Request' }).getByText('practice-b').first().waitFor();
    return new URL(page.url()).hash;
  }

  const charted = async (page) => {
    await page.locator('section.charts .chart .measured').waitFor();
    await page.locator('.spark svg').nth(2).waitFor();
  };
  const opened = async (page) => {
    const pane = page.getByRole('complementary', { name: 'Request' });
    await pane.getByRole('heading', { name: 'Attempts' }).waitFor();
    await pane.locator('.timeline li').first().waitFor();
  };

  return {
    async screens() {
      const line = new Set();
      const list = [
        ['overview', '#/overview', charted],
        ['requests', await rescued(), opened],
        ['drill', '#/drill', title('Friday drill')],
        ['kit', '#/kit', title('SLO kit')],
        ['first-run', '#/welcome', step(1)],
      ];
      await everywhere(list, SIZES, SCHEMES, async (page, screen, colorScheme) => {
        if (screen !== 'overview') return;
        const drawn = page.locator('section.charts .measured polyline').first();
        line.add(`${colorScheme} ${await drawn.evaluate((it) => getComputedStyle(it).stroke)}`);
      });
      assert.deepEqual([...line], ['light rgb(53, 85, 216)', 'dark rgb(138, 162, 255)'], 'the chart follows the theme');
    },

    async configured() {
      for (const feature of ['support-bot', 'search', 'support-bot', 'invoice-reader']) {
        await ask('/v1/chat/completions', { model: 'gpt-5-mini', messages: [{ role: 'user', content: feature }] }, { 'x-evenkeel-feature': feature });
      }
      const tested = async (page) => {
        await page.getByRole('button', { name: 'Connect: Claude Code' }).waitFor();
        for (const provider of ['openai', 'anthropic']) {
          await page.getByRole('button', { name: `Test now: ${provider}` }).click();
          await page.getByRole('article', { name: provider }).getByText('Works').waitFor();
        }
        // The pointer would leave its mark on what it is over.
        await page.mouse.move(0, 0);
        await page.evaluate(() => document.activeElement?.blur());
      };
      const list = [
        ['providers', '#/providers', tested],
        ['settings', '#/settings', within('Settings file')],
        ['first-run-2', '#/welcome', walk(2)],
        ['first-run-3', '#/welcome', walk(3)],
      ];
      await everywhere(list, SIZES, SCHEMES);
    },

    /** As long as the router takes them, at the sizes where they hurt; before the first request as well. */
    async 'long-names'() {
      const sizes = [['960', { width: 960, height: 640 }, 1], ['480', { width: 480, height: 640 }, 1], ['360', { width: 360, height: 640 }, 1]];
      const empty = [
        ['empty-overview', '#/overview', within('Send the first one')],
        ['empty-requests', '#/requests', (page) => says(page, 'No requests yet')],
      ];
      await everywhere(empty, sizes, ['dark']);
      const feature = 'a-feature-that-somebody-named-after-what-it-does-and-for-whom';
      const model = 'a-model-with-a-name-nobody-will-ever-remember-preview-2026-11-23-eighty-letters';
      const id = await ask('/v1/chat/completions', { model }, { 'x-evenkeel-feature': feature });
      const list = [
        ['long-overview', '#/overview', within('Last requests')],
        ['long-requests', '#/requests', (page) => says(page, feature)],
        ['long-request', `#/requests/${id}`, opened],
        ['long-providers', '#/providers', (page) => page.getByRole('button', { name: 'Connect: Claude Code' }).waitFor()],
        ['long-settings', '#/settings', within('Settings file')],
        ['long-first-run', '#/welcome', step(1)],
      ];
      await everywhere(list, sizes, ['light']);
    },
  };
}
