// The demo of docs/recipes/offline-web-app.md in a real Chromium, with its own server and a running router behind it:
// offline_demo.mjs use|looks. The environment says where things are: BASE, KEY, ROUTER (its process), DEMO (the folder),
// CHROMIUM, and SCREENSHOTS, a folder, if pictures are wanted.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';

const { BASE, KEY, ROUTER, DEMO, CHROMIUM, SCREENSHOTS } = process.env;
const PATIENCE_MS = 15_000;
const QUIET = [
  '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
];
const AXE = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu', ...QUIET] });
const context = await browser.newContext({ viewport: { width: 960, height: 720 } });
context.setDefaultTimeout(PATIENCE_MS);
let server;

/** Started as the recipe says, and again at the same place. */
async function serve(port = '0') {
  const environment = { ...process.env, OPENAI_BASE_URL: `${BASE}/v1`, OPENAI_API_KEY: KEY, PORT: port };
  server = spawn('node', [`${DEMO}/server.mjs`], { env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
  const [address] = await once(createInterface(server.stdout), 'line');
  return address;
}

async function cut() {
  const gone = once(server, 'exit');
  server.kill('SIGKILL');
  await gone;
}

async function open(address) {
  const page = await context.newPage();
  await page.goto(address);
  await page.getByText('Answers are kept on this device').waitFor();
  return page;
}

/** Asks, and waits for what the page says about the answer. */
async function ask(page, question, source) {
  await page.getByLabel('Question').fill(question);
  await page.getByRole('button', { name: 'Ask', exact: true }).click();
  await page.locator('#source', { hasText: source }).waitFor();
  await page.getByRole('button', { name: 'Ask', exact: true, disabled: false }).waitFor();
  return page.locator('#text').innerText();
}

/** How many answers the device keeps; with `older`, after making each so many seconds older. */
function kept(page, older = 0) {
  return page.evaluate(async (older) => {
    // Opening what isn't there would make it, and without its store.
    if (!(await indexedDB.databases()).some(({ name }) => name === 'evenkeel-offline')) return 0;
    const done = (asked) => new Promise((resolve, reject) => {
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => reject(asked.error);
    });
    const database = await done(indexedDB.open('evenkeel-offline'));
    const store = database.transaction('answers', 'readwrite').objectStore('answers');
    const records = await done(store.getAll());
    for (const record of records) await done(store.put({ ...record, at: record.at - 1000 * older }));
    database.close();
    return records.length;
  }, older);
}

async function until(what, look) {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await look())) {
    assert.ok(Date.now() < deadline, `${what}: not within ${PATIENCE_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const FIRST = 'How does a keel keep a boat upright?';

const tests = {
  async use() {
    const address = await serve();
    const page = await open(address);
    const live = await ask(page, FIRST, /^Live · PRACTICE$/);
    assert.match(live, /practice-a/);
    await until('one answer on the device', async () => (await kept(page)) === 1);

    // The router is gone, and the page's own server says 502.
    process.kill(Number(ROUTER), 'SIGKILL');
    assert.equal(await ask(page, FIRST, /^From earlier, less than a minute ago · PRACTICE$/), live);
    await page.getByText('No network. What was asked before').waitFor();
    assert.match(await ask(page, 'Never asked before', 'No network'), /not asked before/);

    // That server is gone too, and the page is loaded anew.
    await cut();
    await page.reload();
    assert.equal(await ask(page, FIRST, 'From earlier'), live);
    for (const [label, other, own] of [['Prompt version', '2', '1'], ['Signed in as', '2', '1']]) {
      await page.getByLabel(label).selectOption(other);
      assert.match(await ask(page, FIRST, 'No network'), /not asked before/, label);
      await page.getByLabel(label).selectOption(own);
      assert.equal(await ask(page, FIRST, 'From earlier'), live, label);
    }
    await kept(page, 5 * 60);
    await ask(page, FIRST, /^From earlier, 5 min ago · PRACTICE$/);

    // In a new tab, too; and what is forgotten is gone.
    const other = await open(address);
    assert.equal(await ask(other, FIRST, /From earlier, 5 min ago/), live);
    await other.getByRole('button', { name: 'Forget all answers' }).click();
    await other.getByText('Nothing is kept on this device any more.').waitFor();
    await ask(page, FIRST, 'No network');
  },

  async looks() {
    const address = await serve();
    const page = await open(address);
    const troubles = [];
    const look = async (moment) => {
      for (const colorScheme of ['light', 'dark']) {
        for (const [size, width, height] of [['wide', 960, 720], ['phone', 390, 780]]) {
          const name = `offline-${moment}-${size}-${colorScheme}`;
          await page.emulateMedia({ colorScheme });
          await page.setViewportSize({ width, height });
          const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          if (wider > 0) troubles.push(`${name} is ${wider} px wider than the window`);
          // Colours fade for a moment after a change.
          await page.waitForFunction(() => document.getAnimations().length === 0);
          await page.evaluate(`${AXE};0`);
          const { violations } = await page.evaluate(() => window.axe.run());
          for (const { id, nodes } of violations) troubles.push(`${name}: ${id}: ${nodes[0].failureSummary}`);
          if (!SCREENSHOTS) continue;
          await mkdir(SCREENSHOTS, { recursive: true });
          await page.screenshot({ path: `${SCREENSHOTS}/${name}.png` });
        }
      }
    };
    await look('before');
    await ask(page, FIRST, 'Live');
    await look('live');
    await until('one answer on the device', async () => (await kept(page)) === 1);
    await cut();
    await kept(page, 5 * 60);
    await ask(page, FIRST, 'From earlier, 5 min ago');
    await look('earlier');
    await ask(page, 'Never asked before', 'No network');
    await look('nothing');
    assert.deepEqual(troubles, []);

    await serve(new URL(address).port);
    await ask(page, FIRST, 'Live');
    await page.getByText('Answers are kept on this device').waitFor();
  },
};

try {
  await tests[process.argv[2]]();
  console.log(`done: ${process.argv[2]}`);
} finally {
  server?.kill('SIGKILL');
  await browser.close();
}
