// Settings changed in a real Chromium, for dashboard.mjs. Beside what that one needs, the environment says: CONFIG, the
// settings file, and PROVIDER, an address that answers as a provider.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';

const { BASE, LOGIN, CONFIG, PROVIDER, TOOL } = process.env;

export function editing({ open, says, accessible, picture, troubles }) {
  const file = () => readFile(CONFIG, 'utf8');
  const COMMENTS = ['# mine, keep it', '# the first one', '# steps in', '# measured in March'];
  async function keepsComments() {
    const text = await file();
    for (const comment of COMMENTS) assert.ok(text.includes(comment), `${comment} in\n${text}`);
    return text;
  }
  async function at(screen, options = {}, expected = /^$/) {
    const page = await open(options, expected);
    await page.goto(LOGIN);
    await says(page, 'openai');
    await page.goto(`${BASE}/dashboard/#/${screen}`);
    return page;
  }
  const field = (page, name) => page.getByRole('textbox', { name, exact: true });

  return {
    async providers() {
      const page = await at('providers');
      await page.getByRole('button', { name: 'Add a provider' }).click();
      await page.getByLabel('Provider', { exact: true }).selectOption({ label: 'another one' });
      await field(page, 'Name').fill('spare');
      await field(page, 'Base URL').fill(PROVIDER);
      await accessible(page, 'adding a provider');
      await picture(page, 'provider-adding');
      await page.getByRole('button', { name: 'Add', exact: true }).click();
      const card = page.getByRole('article', { name: 'spare' });
      const key = card.getByLabel('New key for spare');
      await key.fill('sk-canary-abcdef0123456789');
      await card.getByRole('button', { name: 'Test' }).click();
      await card.getByText('Answered one token').waitFor();
      await accessible(page, 'a key that was tested');
      await card.getByRole('button', { name: 'Save' }).click();
      await card.getByText('••••6789').waitFor();
      await card.getByRole('button', { name: 'Test again: spare' }).click();
      await card.getByText('Works').waitFor();
      const text = await keepsComments();
      assert.match(text, /\[providers\.spare\]\ndialect = "openai"\nbase_url = "http/);
      assert.ok(!text.includes('canary'));

      await page.getByRole('button', { name: 'Ask anthropic first' }).click();
      await page.getByText('anthropic is asked first; openai steps in').waitFor();
      await page.getByRole('article', { name: 'anthropic' }).getByText('first', { exact: true }).waitFor();
      assert.match(await keepsComments(), /primary = \{ provider = "anthropic" \}/);

      await page.getByRole('button', { name: 'Add a pair' }).click();
      await page.getByLabel('When a client asks for').fill('claude-haiku-4-5');
      await page.getByLabel('openai is asked for').fill('gpt-5-mini');
      await page.getByRole('button', { name: 'Add the pair' }).click();
      await field(page, 'Models of claude-haiku-4-5').waitFor();
      assert.match(await keepsComments(), /secondary = \{ provider = "openai", model = "gpt-5-mini" \}\n\n\[\[routes\]\]\nfirst_token/);
      await accessible(page, 'providers after changes');
    },

    async sentences() {
      const page = await at('providers', {}, /status of 422/);
      const wait = field(page, 'Wait for the first token');
      await wait.waitFor();
      // By keyboard alone: from the heading of the page to the field, and on to Save.
      await page.locator('#main').focus();
      for (let pressed = 0; !(await wait.evaluate((it) => it === document.activeElement)); pressed += 1) {
        assert.ok(pressed < 60, 'Tab never comes to the field');
        await page.keyboard.press('Tab');
      }
      await page.keyboard.press('ControlOrMeta+a');
      await page.keyboard.type('soon');
      const wrong = page.locator('[id="wrong-routes[0].first_token_timeout"]');
      await wrong.getByText('250ms').waitFor();
      assert.equal(await wait.getAttribute('aria-invalid'), 'true');
      assert.equal(await wait.getAttribute('aria-describedby'), 'wrong-routes[0].first_token_timeout');
      assert.ok(await page.getByRole('button', { name: 'Save switch rules' }).isDisabled());
      await accessible(page, 'a wrong number');
      await picture(page, 'rules-wrong');
      await page.keyboard.press('Escape');
      assert.equal(await wait.inputValue(), '2s');
      await wrong.waitFor({ state: 'detached' });

      await page.keyboard.press('ControlOrMeta+a');
      await page.keyboard.type('4s');
      await page.keyboard.press('Enter');
      await page.getByText('Saved, and in force.').waitFor();
      assert.ok(await wait.evaluate((it) => it === document.activeElement), 'the focus stays');
      assert.match(await keepsComments(), /first_token_timeout = "4s"  # measured in March/);
      await page.getByRole('combobox', { name: 'Retries' }).selectOption({ label: 'twice more' });
      await page.getByRole('button', { name: 'Save switch rules' }).click();
      await page.getByText('Saved, and in force.').waitFor();
      assert.match(await keepsComments(), /retries = 2/);
    },

    async 'bad-input'() {
      const page = await at('providers', {}, /status of 422/);
      const before = await file();
      const wrong = {
        'Wait for the first token': 'soon', 'Wait for models known to start late': '-1s', 'Wait for a connection': '0s',
        'Wait for the last provider': '2 weeks', 'Wait between two chunks': '', 'Wait for the whole answer': '25h',
        'Most a request may cost, in dollars': 'a lot', 'Most a day may cost, in dollars': '-3', 'Most a month may cost, in dollars': '1e',
        'Most input tokens': '1.5', 'Most output tokens': 'none', 'What to try over a limit': 'panic',
      };
      const settings = {
        'Share of requests answered, in percent': '120', 'Time that 95 of 100 stay within': 'fast',
        'Average cost of a request, in dollars': '-1', 'Time looked back over': 'ever', 'Success under target for': 'a bit',
        'p95 over target for': '5', 'Cost over budget for': 'x', 'Quiet hours': 'late', 'Webhook': 'nowhere',
        'A saved answer is fresh for': '1y', 'A saved answer is kept for': '1m', 'Most space for saved answers': 'big',
      };
      for (const [screen, fields] of [['providers', wrong], ['settings', settings]]) {
        await page.goto(`${BASE}/dashboard/#/${screen}`);
        for (const [name, text] of Object.entries(fields)) {
          const input = field(page, name);
          await input.fill(text);
          await page.waitForFunction((it) => it.getAttribute('aria-invalid') === 'true', await input.elementHandle());
          const id = await input.getAttribute('aria-describedby');
          const told = await page.locator(`[id="${id}"]`).innerText();
          assert.match(told, /\..+\./, `${name} says what is wrong and what to do: ${told}`);
          await input.press('Escape');
          await page.waitForFunction((it) => it.getAttribute('aria-invalid') === null, await input.elementHandle());
        }
      }
      await page.goto(`${BASE}/dashboard/#/providers`);
      await page.getByRole('button', { name: 'Add a provider' }).click();
      await page.getByLabel('Provider', { exact: true }).selectOption({ label: 'another one' });
      await page.getByRole('button', { name: 'Add', exact: true }).click();
      await says(page, 'The provider needs a name.');
      await field(page, 'Name').fill('a b');
      await page.getByRole('button', { name: 'Add', exact: true }).click();
      await says(page, '"a b" can\'t be a name.');
      await field(page, 'Name').fill('spare');
      await field(page, 'Base URL').fill('somewhere');
      await page.getByRole('button', { name: 'Add', exact: true }).click();
      await page.locator('#adder-url').waitFor();
      await accessible(page, 'a wrong address');
      assert.equal(await file(), before);
    },

    async meanwhile() {
      const page = await at('providers', {}, /status of 409/);
      const wait = field(page, 'Wait between two chunks');
      await wait.fill('45s');
      await writeFile(CONFIG, (await file()).replace('# measured in March', '# measured in April'));
      await page.getByRole('button', { name: 'Save switch rules' }).click();
      await says(page, 'was changed by another hand');
      await page.locator('.diff ins').getByText('April').waitFor();
      await accessible(page, 'a file that was changed meanwhile');
      await picture(page, 'meanwhile');
      await page.getByRole('button', { name: 'Read it again' }).click();
      await page.getByRole('button', { name: 'Save switch rules' }).click();
      await page.getByText('Saved, and in force.').waitFor();
      assert.match(await file(), /idle_timeout = "45s"/);
      assert.match(await file(), /April/);

      const frozen = await page.evaluate(async () => {
        const answer = await fetch('../api/budget/freeze', { method: 'POST', body: '{"reason":"the fair is on"}' });
        return answer.status;
      });
      assert.equal(frozen, 200);
      await wait.fill('50s');
      await wait.press('Enter');
      const dialog = page.getByRole('dialog', { name: 'This change asks for a reason' });
      await dialog.waitFor();
      await accessible(page, 'a reason is asked');
      await picture(page, 'reason');
      assert.doesNotMatch(await file(), /50s/);
      await dialog.getByLabel('Why is it worth it?').fill('the outage needs it');
      await page.keyboard.press('Enter');
      await page.getByText('Saved, and in force.').waitFor();
      assert.match(await file(), /idle_timeout = "50s"/);
      assert.ok(await wait.evaluate((it) => it === document.activeElement), 'the focus comes back');
    },

    async 'edited-looks'() {
      const long = `a-very-long-name-of-a-provider-that-somebody-chose-for-${'x'.repeat(8)}`;
      await writeFile(CONFIG, `${await file()}\n[[routes]]\nname = "second"\nmodels = ["*"]\n\n[providers.${long}]\ndialect = "openai"\nkey = "none"\nbase_url = "${PROVIDER}"\n`);
      const first = await at('providers');
      const storageState = await first.context().storageState();
      for (const colorScheme of ['light', 'dark']) {
        for (const [size, width, height] of [['wide', 1280, 900], ['window', 960, 640], ['zoomed', 480, 640]]) {
          const page = await open({ colorScheme, viewport: { width, height }, storageState });
          for (const [screen, text] of [['providers', 'Switch rules'], ['settings', 'When to alert'], ['welcome', 'Two keys']]) {
            await page.goto(`${BASE}/dashboard/#/${screen}`);
            await says(page, text);
            const name = `edit-${screen}-${size}-${colorScheme}`;
            const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
            const main = await page.evaluate(() => document.querySelector('#main').scrollWidth - document.querySelector('#main').clientWidth);
            if (wider > 0 || main > 0) troubles.push(`${name} is ${Math.max(wider, main)} px too wide`);
            await accessible(page, name);
            await picture(page, name);
            await page.evaluate(() => document.querySelector('#main').scrollTo(0, 520));
            await picture(page, `${name}-below`);
          }
          await page.context().close();
        }
      }
    },

    async 'test-request'() {
      const page = await open({}, /^$/, true);
      await page.goto(LOGIN);
      await page.getByRole('heading', { level: 1 }).first().waitFor();
      await page.goto(`${BASE}/dashboard/#/welcome`);
      await page.getByRole('button', { name: 'Continue' }).click();
      await page.getByRole('button', { name: /^Strict/ }).click();
      await page.getByRole('button', { name: 'Send a test request' }).click();
      await page.getByText('Answered', { exact: true }).waitFor({ timeout: 60_000 });
      await page.getByText(/^by openai, .*in \d+ ms,/).waitFor();
      await accessible(page, 'a test request that was answered');
      await picture(page, 'test-request');
      await page.getByRole('link', { name: 'See it in Requests' }).click();
      const pane = page.getByRole('complementary', { name: 'Request' });
      await pane.getByText('test-request').first().waitFor();
      await pane.getByText('A complete answer', { exact: false }).waitFor();
    },

    async tools() {
      const before = await readFile(TOOL, 'utf8');
      const page = await at('providers', {}, /status of 4\d\d/);
      const card = page.getByRole('region', { name: 'Connected tools' });
      const connect = card.getByRole('button', { name: 'Connect: Claude Code' });
      await connect.waitFor();
      // By keyboard alone: there, through the change, and back.
      await page.locator('#main').focus();
      for (let pressed = 0; !(await connect.evaluate((it) => it === document.activeElement)); pressed += 1) {
        assert.ok(pressed < 90, 'Tab never comes to the button');
        await page.keyboard.press('Tab');
      }
      await page.keyboard.press('Enter');
      const change = card.getByRole('group', { name: 'What changes for Claude Code' });
      await change.getByText('"ANTHROPIC_BASE_URL"').waitFor();
      assert.equal(await readFile(TOOL, 'utf8'), before, 'nothing is written yet');
      assert.doesNotMatch(await page.locator('body').innerText(), /sk-ant-api03-mine-alone/);
      await accessible(page, 'what connecting changes');
      await change.scrollIntoViewIfNeeded();
      await picture(page, 'tools-change');
      await page.keyboard.press('Escape');
      await change.waitFor({ state: 'detached' });
      await page.keyboard.press('Enter');
      await change.waitFor();
      await page.keyboard.press('Enter');
      await card.getByText('Claude Code is connected.', { exact: false }).waitFor();
      assert.match(await readFile(TOOL, 'utf8'), /ANTHROPIC_BASE_URL/);
      await accessible(page, 'a tool that is connected');
      await picture(page, 'tools-connected');

      // Another hand was at it since.
      await writeFile(TOOL, (await readFile(TOOL, 'utf8')).replace(/("ANTHROPIC_BASE_URL": )"[^"]*"/, '$1"https://another.example"'));
      await page.reload();
      await card.getByText('Changed since').waitFor();
      await card.getByRole('button', { name: 'Disconnect: Claude Code' }).click();
      await card.getByText('changed since and stay', { exact: false }).waitFor();
      await picture(page, 'tools-changed');
      await card.getByRole('button', { name: 'Put it back: Claude Code' }).click();
      await card.getByText('Claude Code is as it was before.', { exact: false }).waitFor();
      const text = await readFile(TOOL, 'utf8');
      assert.match(text, /another\.example/);
      assert.match(text, /sk-ant-api03-mine-alone/);

      await writeFile(TOOL, '{ no JSON');
      await card.getByRole('button', { name: 'Connect: Claude Code' }).click();
      await card.getByRole('alert').waitFor();
      await accessible(page, 'a tool that is refused');
      await picture(page, 'tools-refused');
      assert.equal(await readFile(TOOL, 'utf8'), '{ no JSON');
    },

    async removing() {
      const page = await at('providers');
      await page.getByRole('button', { name: 'Rename openai' }).click();
      await page.getByLabel('New name of openai').fill('first-one');
      await accessible(page, 'renaming a provider');
      await picture(page, 'provider-rename');
      await page.keyboard.press('Enter');
      await page.getByRole('article', { name: 'first-one' }).waitFor();
      assert.match(await keepsComments(), /\[providers\.first-one\]/);

      await page.getByRole('button', { name: 'Add a pair' }).click();
      await page.getByLabel('When a client asks for').fill('gpt-5-mini');
      await page.getByLabel('anthropic is asked for').fill('claude-haiku-4-5');
      await page.getByRole('button', { name: 'Add the pair' }).click();
      await page.getByRole('button', { name: 'Remove gpt-5-mini' }).click();
      await accessible(page, 'removing a pair');
      await picture(page, 'pair-remove');
      await page.getByRole('button', { name: 'Remove it' }).click();
      await page.getByRole('button', { name: 'Remove gpt-5-mini' }).waitFor({ state: 'detached' });
      assert.doesNotMatch(await keepsComments(), /gpt-5-mini/);

      await page.getByRole('button', { name: 'Remove first-one' }).click();
      await says(page, 'Then anthropic is asked alone.');
      await accessible(page, 'removing a provider');
      await picture(page, 'provider-remove');
      await page.getByRole('button', { name: 'Remove it' }).click();
      await page.getByRole('article', { name: 'first-one' }).waitFor({ state: 'detached' });
      assert.doesNotMatch(await file(), /first-one/);

      await page.goto(`${BASE}/dashboard/#/settings`);
      await page.getByRole('button', { name: 'Add a promise' }).click();
      await page.getByLabel('Name', { exact: true }).fill('Support');
      await page.getByLabel('Only this feature').fill('support-bot');
      await accessible(page, 'adding a promise');
      await picture(page, 'promise-adding');
      await page.getByRole('button', { name: 'Add it' }).click();
      const remove = page.getByRole('button', { name: 'Remove the promise Support' });
      await remove.waitFor();
      assert.match(await file(), /\[\[slo\]\]\nname = "Support"\n(feature = "support-bot"\nsuccess = 99\.5|success = 99\.5\nfeature = "support-bot")/);
      await remove.click();
      await accessible(page, 'removing a promise');
      await page.getByRole('button', { name: 'Remove it' }).click();
      await remove.waitFor({ state: 'detached' });
      assert.doesNotMatch(await file(), /Support/);
    },

    async 'frame-looks'() {
      const first = await at('providers');
      const storageState = await first.context().storageState();
      for (const colorScheme of ['light', 'dark']) {
        for (const [size, width, height] of [['wide', 1280, 900], ['window', 960, 640], ['zoomed', 480, 640]]) {
          const page = await open({ colorScheme, viewport: { width, height }, storageState });
          for (const [screen, text] of [['drill', 'Nine steps'], ['kit', 'Six documents'], ['providers', 'Connected tools']]) {
            await page.goto(`${BASE}/dashboard/#/${screen}`);
            await says(page, text);
            const name = `frame-${screen}-${size}-${colorScheme}`;
            if (screen === 'providers') {
              await page.getByText('not connected').first().waitFor();
              await page.getByRole('region', { name: 'Connected tools' }).scrollIntoViewIfNeeded();
            }
            const wider = await page.evaluate(() => document.querySelector('#main').scrollWidth - document.querySelector('#main').clientWidth);
            if (wider > 0) troubles.push(`${name} is ${wider} px too wide`);
            await accessible(page, name);
            await picture(page, name);
          }
          await page.context().close();
        }
      }
    },

    async 'first-steps'() {
      const page = await open({}, /status of 4\d\d/, true);
      await page.goto(LOGIN);
      await page.getByRole('heading', { name: 'Two keys, one promise, one tool.' }).waitFor();
      await accessible(page, 'the first steps');
      await picture(page, 'first-steps-1');
      let clicks = 0;
      const click = async (name, exact = true) => {
        clicks += 1;
        await page.getByRole('button', { name, exact }).click();
      };
      // A pasted key says whose it is.
      await page.getByLabel('Key of the first provider').fill('sk-ant-canary-0123456789');
      assert.equal(await page.getByLabel('Asked first').inputValue(), 'openai', 'the other one is anthropic already');
      await page.getByLabel('Steps in').selectOption('groq');
      await page.getByLabel('Key of the first provider').fill('');
      await page.getByLabel('Key of the second provider').fill('sk-ant-canary-0123456789');
      assert.equal(await page.getByLabel('Steps in').inputValue(), 'anthropic');
      await page.getByLabel('Key of the first provider').fill('sk-proj-canary-0123456789');
      await picture(page, 'first-steps-pasted');
      await click('Use these two');
      // Neither host is there for a test: the keys are saved all the same, and say that they weren't accepted.
      for (const provider of ['openai', 'anthropic']) {
        await page.getByLabel(`New key for ${provider}`).waitFor();
        clicks += 1;
        await page.getByRole('button', { name: 'Save anyway' }).click({ timeout: 60_000 });
      }
      await picture(page, 'first-steps-keys');
      await click('Continue');
      await accessible(page, 'the promise');
      await picture(page, 'first-steps-2');
      await click('Strict, 99.9 %', false);
      await page.getByRole('button', { name: 'Copy evenkeel run -- claude' }).waitFor();
      await accessible(page, 'the tool');
      await click('Copy evenkeel run -- claude');
      await click('Send a test request');
      await page.getByText('Not answered').waitFor({ timeout: 60_000 });
      await accessible(page, 'a test request');
      await picture(page, 'first-steps-3');
      clicks += 1;
      await page.getByRole('link', { name: 'Open the dashboard' }).click();
      await page.getByRole('region', { name: 'Last requests' }).or(page.getByRole('heading', { level: 1 })).first().waitFor();
      assert.ok(clicks <= 12, `${clicks} clicks`);
      const text = await file();
      assert.match(text, /\[providers\.openai\]\n\n\[providers\.anthropic\]/);
      assert.match(text, /success = 99\.9/);
      assert.ok(!text.includes('canary'));
      await page.goto(`${BASE}/dashboard/`);
      await page.waitForURL(/#\/overview$|\/dashboard\/$/);
      assert.equal(await page.getByRole('heading', { name: 'Two keys, one promise, one tool.' }).count(), 0, 'offered once');
    },
  };
}
