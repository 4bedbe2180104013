// The dashboard in a real Chromium: dashboard.mjs signed-out|tour|filters|looks|demo, and the names in screens.mjs and editing.mjs. The environment says where things are:
// BASE, LOGIN, KEY, CHROMIUM, and SCREENSHOTS, a folder, if pictures are wanted.
import assert from 'node:assert/strict';
import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';
import { editing } from './editing.mjs';
import { fits, screens } from './screens.mjs';

const { BASE, LOGIN, KEY, CHROMIUM, SCREENSHOTS } = process.env;
const PATIENCE_MS = 10_000;
const QUIET = [
  '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
];
const AXE = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu', ...QUIET] });

/** What went wrong in any page without a step noticing: console, security policy, network, accessibility. */
const troubles = [];

async function open(options = {}, expected = /^$/, newcomer = false) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  context.setDefaultTimeout(PATIENCE_MS);
  await context.addInitScript(() => {
    const tell = (event) => console.error(`CSP: ${event.violatedDirective} ${event.blockedURI}`);
    addEventListener('securitypolicyviolation', tell);
  });
  // The first steps are a test of their own.
  if (!newcomer) await context.addInitScript(() => localStorage.setItem('evenkeel.welcome', 'seen'));
  const page = await context.newPage();
  page.on('console', (message) => {
    // A page of plain text names no icon, so the browser looks for one in the usual place.
    if (!['error', 'warning'].includes(message.type()) || message.location().url === `${BASE}/favicon.ico`) return;
    if (!expected.test(message.text())) troubles.push(`${message.text()} (${message.location().url})`);
  });
  page.on('pageerror', (error) => troubles.push(error.message));
  page.on('request', (request) => {
    if (!request.url().startsWith(`${BASE}/`)) troubles.push(`asked another host: ${request.url()}`);
  });
  return page;
}

async function ask(path, body, headers = {}, status = 200) {
  const response = await fetch(BASE + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ messages: [{ role: 'user', content: 'Hello to the keel' }], ...body }),
  });
  assert.equal(response.status, status);
  await response.text();
  return response.headers.get('x-evenkeel-id');
}

const chat = () => ask('/v1/chat/completions', { model: 'gpt-5-mini' });
const message = { model: 'claude-haiku-4-5', max_tokens: 99, stream: true };
const tagged = () => ask('/v1/messages', message, { 'x-evenkeel-feature': 'support-bot' });

const says = (page, text) => page.getByText(text).first().waitFor();

/** Notes what axe-core finds; the end of the run fails over it, so that one run tells everything. */
async function accessible(page, where) {
  // Half-way through a fade no colour is the one that stays.
  await page.evaluate(() => Promise.allSettled(document.getAnimations().map((fade) => fade.finished)).then(() => null));
  await page.evaluate(`${AXE};0`);
  // A colour on its way to another one is neither of the two.
  await page.evaluate(() => Promise.allSettled(document.getAnimations().map((animation) => animation.finished)));
  const { violations } = await page.evaluate(() => window.axe.run());
  for (const { id, nodes } of violations) {
    troubles.push(`${where}: ${id}: ${nodes.map((node) => `${node.html} ${node.failureSummary}`).join('; ')}`);
  }
}

async function picture(page, name) {
  if (!SCREENSHOTS) return;
  await mkdir(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: `${SCREENSHOTS}/${name}.png` });
}

const tests = {
  async 'signed-out'() {
    // The browser itself reports the refused request; that is what happened.
    const page = await open({}, /status of 401/);
    await page.goto(`${BASE}/dashboard/`);
    await says(page, 'needs a login link');
    await says(page, 'evenkeel dashboard');
    assert.doesNotMatch(await page.locator('body').innerText(), /practice-a/);
    await accessible(page, 'the page without a session');
    await picture(page, 'signed-out');

    await page.goto(LOGIN);
    await says(page, 'practice-a');
    const stranger = await open({}, /status of 403/);
    const refused = await stranger.goto(LOGIN);
    assert.equal(refused.status(), 403, 'the link works once');
    await says(stranger, 'evenkeel dashboard');
  },

  async tour() {
    const page = await open();
    await page.goto(LOGIN);
    assert.equal(new URL(page.url()).pathname, '/dashboard/');
    await page.locator('.banner').getByText('PRACTICE', { exact: true }).waitFor();
    await page.getByRole('heading', { level: 1 }).getByText('Practice: no requests yet.').waitFor();
    assert.match(await page.title(), /PRACTICE/);
    await page.getByText(`${new URL(BASE).host}/v1`).first().waitFor();
    await page.evaluate(() => (window.neverReloaded = true));

    const [, second] = [await chat(), await tagged()];
    await page.getByRole('region', { name: 'Last requests' }).getByText('support-bot').waitFor();
    await page.getByRole('heading', { level: 1 }).getByText('Practice: too early to say. 2 practice requests so far.').waitFor();

    await page.getByRole('link', { name: 'Requests' }).click();
    const rows = page.getByRole('grid', { name: 'Requests' }).locator('tbody tr');
    await assert.doesNotReject(rows.nth(1).waitFor());
    assert.equal(await rows.count(), 2);
    await rows.filter({ hasText: 'support-bot' }).click();
    const pane = page.getByRole('complementary', { name: 'Request' });
    await pane.getByText('practice-a').first().waitFor();
    await pane.getByText('A complete answer', { exact: false }).waitFor();
    await pane.getByText(second).first().waitFor();
    assert.ok(page.url().includes(second), 'the address names the open request');
    await page.keyboard.press('Escape');
    await pane.waitFor({ state: 'detached' });

    await page.getByRole('link', { name: 'Overview' }).click();
    const fault = page.getByRole('group', { name: 'What practice-a does' });
    await fault.getByRole('button', { name: 'Down' }).click();
    await says(page, 'practice-a is down by your choice');
    const rescued = await chat();
    await page.getByRole('heading', { level: 1 }).getByText('practice-b has stepped in for practice-a').waitFor();

    await page.getByRole('link', { name: 'Requests' }).click();
    await rows.nth(2).waitFor();
    await rows.filter({ hasText: 'Rescued' }).click();
    await pane.getByText(rescued).first().waitFor();
    const attempts = pane.locator('.timeline li');
    assert.deepEqual(
      await attempts.evaluateAll((items) => items.map((item) => item.innerText.match(/practice-\w/)?.[0])),
      ['practice-a', 'practice-a', 'practice-b'],
    );
    await attempts.nth(0).getByText('503').waitFor();

    await page.keyboard.press('Escape');
    await page.keyboard.press('1');
    await fault.getByRole('button', { name: 'Answers' }).click();
    await chat();
    await page.getByRole('heading', { level: 1 }).getByText('Practice: too early to say.').waitFor();
    assert.equal(await page.evaluate(() => window.neverReloaded), true, 'the page never reloaded');

    await page.reload();
    await says(page, 'practice-a is answering');
  },

  async filters() {
    const page = await open();
    await page.goto(LOGIN);
    await chat();
    const model = 'gpt-5-mini';
    await ask('/v1/chat/completions', { model, messages: 'none' }, {}, 400);
    const both = await page.getByRole('group', { name: /What practice-\w does/ }).all();
    for (const fault of both) {
      await fault.getByRole('button', { name: 'Down' }).click();
      await fault.locator('button[aria-pressed="true"]', { hasText: 'Down' }).waitFor();
    }
    await ask('/v1/chat/completions', { model }, {}, 502);
    await both[1].getByRole('button', { name: 'Answers' }).click();
    await both[1].locator('button[aria-pressed="true"]', { hasText: 'Answers' }).waitFor();
    await chat();

    await page.getByRole('link', { name: 'Requests' }).click();
    const rows = page.getByRole('grid', { name: 'Requests' }).locator('tbody tr');
    for (const [label, count] of [['Failed', 1], ['Rescued', 1], ['Not counted', 1], ['All', 4]]) {
      const chips = page.getByRole('group', { name: 'Show', exact: true });
      await chips.getByRole('button', { name: new RegExp(`^${label}( |$)`) }).click();
      await chips.getByRole('button', { name: `${label} ${count}`, exact: true }).waitFor();
      await rows.nth(count - 1).waitFor();
      assert.equal(await rows.count(), count, label);
      if (label !== 'All') assert.match(await rows.first().innerText(), new RegExp(label));
    }
    await page.getByRole('searchbox').fill('no such thing');
    await says(page, 'Nothing matches');
    const saved = page.waitForEvent('download');
    await page.getByRole('searchbox').fill('');
    await page.getByRole('button', { name: 'Export CSV' }).click();
    const csv = await readFile(await (await saved).path(), 'utf8');
    assert.equal(csv.trim().split('\n').length, 5, csv);
  },

  async looks() {
    const id = await tagged();
    await chat();
    const first = await open();
    await first.goto(LOGIN);
    await says(first, 'practice-a');
    const storageState = await first.context().storageState();
    for (const colorScheme of ['light', 'dark']) {
      for (const [size, width, height] of [['wide', 1280, 800], ['narrow', 720, 640], ['phone', 390, 780]]) {
        const page = await open({ colorScheme, viewport: { width, height }, storageState });
        for (const [screen, hash, text] of [
          ['overview', '#/overview', 'Last requests'],
          ['requests', '#/requests', 'support-bot'],
          ['request', `#/requests/${id}`, 'Attempts'],
        ]) {
          const name = `${screen}-${size}-${colorScheme}`;
          await page.goto(`${BASE}/dashboard/${hash}`);
          await says(page, text);
          await fits(page, name, troubles);
          await accessible(page, name);
          await picture(page, name);
        }
        const paper = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
        const red = Number(paper.match(/\d+/)[0]);
        assert.equal(red < 128, colorScheme === 'dark', `${colorScheme} on ${paper}`);
        await page.context().close();
      }
    }
  },

  /** A month of demo data: charts with their tables. */
  async demo() {
    const first = await open();
    await first.goto(LOGIN);
    await first.getByRole('img', { name: /^How many failures/ }).waitFor();
    const charts = first.locator('section.charts');

    const mark = charts.getByRole('button', { name: /Friday drill/ });
    await mark.focus();
    await charts.locator('.told', { hasText: 'Friday drill' }).waitFor();
    await first.getByRole('region', { name: 'What happened' }).getByText('Friday drill', { exact: false }).first().waitFor();

    await first.getByRole('button', { name: 'Show p95 latency over time' }).click();
    await charts.getByRole('img', { name: /^p95 latency/ }).waitFor();
    assert.ok((await charts.locator('.measured polyline').count()) > 1, 'a gap breaks the line');
    await first.keyboard.press('Tab');
    await charts.getByRole('combobox', { name: 'Time' }).selectOption('7d');
    await charts.getByRole('button', { name: 'Table' }).focus();
    await first.keyboard.press('Enter');
    await charts.getByRole('columnheader', { name: 'p95 latency' }).waitFor();
    await charts.getByRole('row').filter({ hasText: 'not running' }).first().waitFor();
    await accessible(first, 'a table');
    for (const [value, name] of [['causes', 'What failures were down to'], ['providers', 'Cost by provider']]) {
      await charts.getByRole('combobox', { name: 'Chart', exact: true }).selectOption(value);
      await charts.getByRole('heading', { name }).waitFor();
      await charts.getByRole('button', { name: 'Chart', exact: true }).click();
      await charts.getByRole('img', { name: new RegExp(`^${name}`) }).waitFor();
    }
    await accessible(first, 'shares');
  },
};

const tools = { open, says, accessible, picture, troubles, ask };
Object.assign(tests, editing(tools), screens(tools));

try {
  await tests[process.argv[2]]();
  assert.deepEqual(troubles, []);
  console.log(`done: ${process.argv[2]}`);
} finally {
  await browser.close();
}
