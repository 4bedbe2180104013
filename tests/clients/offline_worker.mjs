// The service worker for web apps in a real Chromium, loaded from a running router into an app whose API does what each
// test says: offline_worker.mjs keeps|streams|room|apart|forms. The environment: BASE, CHROMIUM.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { chromium } from 'playwright-core';

const { BASE, CHROMIUM } = process.env;
const PATIENCE_MS = 15_000;
const QUIET = [
  '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
];
const WORKER = await (await fetch(`${BASE}/offline/evenkeel-sw.js`)).text();
const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu', ...QUIET] });

/** What the API does with a request: `(request, response, body) => …`. */
let api;
/** Every question that reached it. */
const reached = [];

const CUT = (request) => request.socket.destroy();
const gives = (body, headers = {}, status = 200) => (_, response) => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(body);
};
const echoes = (request, response, body) => gives(JSON.stringify({ answer: body }))(request, response);

const files = {
  '/': ['text/html', '<!doctype html><title>App</title><link rel="icon" href="data:,">'],
  '/evenkeel-sw.js': ['text/javascript', WORKER],
  '/sw.js': ['text/javascript', `importScripts('/evenkeel-sw.js');`],
  '/module.js': ['text/javascript', `import '/evenkeel-sw.js';`],
};
const SETUP = `
  evenkeel.offline(JSON.parse(new URL(location).searchParams.get('options')));
  addEventListener('install', () => skipWaiting());
  addEventListener('activate', (event) => event.waitUntil(clients.claim()));`;

async function origin() {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    const [type, text] = files[pathname] ?? [];
    if (type) {
      response.writeHead(200, { 'content-type': type });
      return response.end(/^.(sw|module)/.test(pathname) ? text + SETUP : text);
    }
    response.setHeader('access-control-allow-origin', '*');
    response.setHeader('access-control-expose-headers', '*');
    response.setHeader('access-control-allow-headers', 'authorization, content-type');
    if (request.method === 'OPTIONS') return response.end();
    let body = '';
    for await (const piece of request) body += piece;
    reached.push(body);
    api(request, response, body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${server.address().port}`;
}

const APP = await origin();
const OPTIONS = { paths: ['/v1/chat/completions'] };

/** A new visitor, whose browser has this worker. */
async function visit(options = {}, form = {}) {
  const context = await browser.newContext();
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  await page.goto(`${APP}/`);
  const script = `${form.type === 'module' ? '/module.js' : '/sw.js'}?options=${encodeURIComponent(JSON.stringify({ ...OPTIONS, ...options }))}`;
  await page.evaluate(async ([script, form]) => {
    window.told = [];
    const workers = navigator.serviceWorker;
    workers.addEventListener('message', ({ data }) => window.told.push(data));
    const taken = new Promise((resolve) => workers.addEventListener('controllerchange', resolve));
    await workers.register(script, form);
    if (!workers.controller) await taken;
    workers.startMessages();
  }, [script, form]);
  return page;
}

/** What the page's own `fetch` comes to. */
function ask(page, body, { path = '/v1/chat/completions', method = 'POST', ...headers } = {}) {
  if (!('authorization' in headers)) headers.authorization = 'Bearer first';
  if (!headers.authorization) delete headers.authorization;
  return page.evaluate(async ([path, init]) => {
    try {
      const response = await fetch(path, init);
      return { status: response.status, headers: Object.fromEntries(response.headers), text: await response.text() };
    } catch (error) {
      return { rejected: error.name };
    }
  }, [path, { method, headers, body: method === 'GET' ? undefined : body }]);
}

/** Everything on the device, as one that looks over the files would find it; `older` makes it so many seconds older. */
function kept(page, older = 0) {
  return page.evaluate(async (older) => {
    if (!(await indexedDB.databases()).some(({ name }) => name === 'evenkeel-offline')) return [];
    const done = (asked) => new Promise((resolve, reject) => {
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => reject(asked.error);
    });
    const database = await done(indexedDB.open('evenkeel-offline'));
    const store = database.transaction('answers', 'readwrite').objectStore('answers');
    const records = await done(store.getAll());
    for (const record of records) if (older) await done(store.put({ ...record, at: record.at - 1000 * older }));
    database.close();
    return records.map((record) => ({ ...record, body: new TextDecoder().decode(record.body) }));
  }, older);
}

async function until(what, look) {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const found = await look();
    if (found) return found;
    assert.ok(Date.now() < deadline, `${what}: not within ${PATIENCE_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const holds = (page, text) => until(`${text} on the device`, async () => (await kept(page)).some(({ body }) => body.includes(text)));

/** Asks with the API answering, and waits until the answer is on the device. */
async function keep(page, question, headers) {
  const before = api;
  api = echoes;
  const answer = await ask(page, question, headers);
  assert.equal(answer.status, 200);
  assert.equal(answer.headers['x-evenkeel-cache'], undefined, 'it comes from the network');
  await holds(page, JSON.stringify({ answer: question }));
  api = before;
  return answer;
}

function isFromEarlier(answer, text) {
  assert.deepEqual(
    [answer.status, answer.headers?.['x-evenkeel-cache'], answer.text],
    [200, 'offline', text ?? answer.text],
  );
  assert.match(answer.headers['x-evenkeel-age'], /^\d+$/);
}

const REJECTED = { rejected: 'TypeError' };
const said = (question) => JSON.stringify({ answer: question });

const tests = {
  async keeps() {
    const page = await visit();
    api = CUT;
    assert.deepEqual(await ask(page, 'asked never'), REJECTED, 'as without a worker');
    await keep(page, 'asked before');
    isFromEarlier(await ask(page, 'asked before'), said('asked before'));
    const served = await until('a message', () => page.evaluate(() => window.told[0]));
    assert.deepEqual(
      { ...served, ageSeconds: 0 },
      { type: 'evenkeel-offline', event: 'served', method: 'POST', url: `${APP}/v1/chat/completions`, ageSeconds: 0 },
    );
    assert.deepEqual(await ask(page, 'asked before '), REJECTED, 'one byte more');
    assert.deepEqual(await ask(page, '', { method: 'GET' }), REJECTED, 'another method');
    assert.deepEqual(await ask(page, 'asked before', { path: '/v1/chat/completions?b=1' }), REJECTED);
    assert.deepEqual(await ask(page, 'asked before', { 'x-evenkeel-cache': 'refresh' }), REJECTED);
    isFromEarlier(await ask(page, 'asked before', { path: '/v1/chat/completions#part' }));

    // The browser itself without a network, and the page loaded anew with it again.
    api = echoes;
    await page.context().setOffline(true);
    isFromEarlier(await ask(page, 'asked before'), said('asked before'));
    await page.context().setOffline(false);
    assert.equal((await ask(page, 'asked before')).headers['x-evenkeel-cache'], undefined, 'the network comes first');
    api = CUT;
    await page.reload();
    isFromEarlier(await ask(page, 'asked before'), said('asked before'));

    // Nothing in the text itself shows that it isn't all.
    const half = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/plain', 'content-length': '99' });
      response.write('The answer', () => response.destroy());
    };
    const bad = {
      'an error': [gives('{"error": {}}', {}, 500), 500],
      'a part': [gives('{}', {}, 206), 206],
      'broken JSON': [gives('{"answer": '), 200],
      'a sign-in page': [gives('<p>Pay here', { 'content-type': 'text/html; charset=utf-8' }), 200],
      'practice': [gives('{}', { 'x-evenkeel-practice': 'true' }), 200],
      'a broken connection': [half, undefined],
    };
    for (const [question, [answer, status]] of Object.entries(bad)) {
      api = answer;
      assert.equal((await ask(page, question)).status, status, question);
    }
    api = echoes;
    await ask(page, 'unasked for', { 'x-evenkeel-cache': 'off' });
    await ask(page, 'elsewhere', { path: '/v1/chat/completion' });
    await keep(page, 'the last');
    assert.deepEqual((await kept(page)).map(({ body }) => body).sort(), ['asked before', 'the last'].map(said).sort());
    api = CUT;
    for (const question of [...Object.keys(bad), 'unasked for']) {
      assert.deepEqual(await ask(page, question), REJECTED, question);
    }

    // A café's page instead of the API is a failed network.
    api = gives('<p>Pay here', { 'content-type': 'text/html' });
    isFromEarlier(await ask(page, 'asked before'), said('asked before'));
    api = CUT;
    await kept(page, 31 * 86_400);
    assert.deepEqual(await ask(page, 'asked before'), REJECTED, 'too old');

    // What the router had from its own cache is as old as the router says.
    api = gives(said('older'), { 'x-evenkeel-cache': 'hit', 'x-evenkeel-age': '600', 'x-evenkeel-cost-usd': '0.1' });
    await ask(page, 'older');
    await holds(page, said('older'));
    api = CUT;
    const older = await ask(page, 'older');
    isFromEarlier(older, said('older'));
    assert.ok(Number(older.headers['x-evenkeel-age']) >= 600);
    assert.equal(older.headers['x-evenkeel-cost-usd'], undefined);
  },

  async streams() {
    const page = await visit();
    const events = ['data: {"n":1}\n\n', 'data: {"n":2}\n\n', 'data: [DONE]\n\n'];
    /** The response as it goes on, for the test to write to; `left` once the other side is gone. */
    const held = () => new Promise((resolve) => {
      api = (_, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        const left = once(response, 'close');
        response.write(events[0]);
        resolve({ response, left });
      };
    });
    const start = (question) => page.evaluate((question) => {
      window.pieces = '';
      window.stop = new AbortController();
      const init = { method: 'POST', headers: { authorization: 'Bearer first' }, body: question, signal: window.stop.signal };
      window.ended = fetch('/v1/chat/completions', init).then(async (response) => {
        const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
        for (let read = await reader.read(); !read.done; read = await reader.read()) window.pieces += read.value;
        return 'whole';
      }).catch((error) => error.name);
    }, question);
    const shows = (text) => until(JSON.stringify(text), async () => (await page.evaluate(() => window.pieces)) === text);

    let begun = held();
    await start('whole');
    let { response, left } = await begun;
    // The next piece is only sent when the page has the one before.
    await shows(events[0]);
    response.write(events[1]);
    await shows(events[0] + events[1]);
    response.end(events[2]);
    assert.equal(await page.evaluate(() => window.ended), 'whole');
    await holds(page, '[DONE]');
    api = CUT;
    const replayed = await ask(page, 'whole');
    isFromEarlier(replayed, events.join(''));
    assert.equal(replayed.headers['content-type'], 'text/event-stream');

    // The page stops reading: the API's side sees it go.
    begun = held();
    await start('stopped');
    ({ response, left } = await begun);
    await shows(events[0]);
    await page.evaluate(() => window.stop.abort());
    assert.equal(await page.evaluate(() => window.ended), 'AbortError');
    await left;

    // Another page closes in the middle.
    const other = await page.context().newPage();
    await other.goto(`${APP}/`);
    begun = held();
    await other.evaluate(() => {
      fetch('/v1/chat/completions', { method: 'POST', headers: { authorization: 'Bearer first' }, body: 'closed' });
    });
    ({ response, left } = await begun);
    await other.close();
    await left;

    begun = held();
    await start('broken');
    ({ response, left } = await begun);
    await shows(events[0]);
    response.destroy();
    assert.equal(await page.evaluate(() => window.ended), 'TypeError');

    const stream = (text) => gives(text, { 'content-type': 'text/event-stream; charset=utf-8' });
    const ends = {
      'without its end': events[0] + events[1],
      'with an error': `${events[0]}data: {"error": {"message": "gone"}}\n\ndata: [DONE]\n\n`,
      'with an error event': `event: message_start\ndata: {}\n\nevent: error\ndata: {}\n\n`,
    };
    for (const [question, text] of Object.entries(ends)) {
      api = stream(text);
      assert.equal((await ask(page, question)).text, text);
    }
    for (const text of ['event: message_stop\ndata: {}\n\n', 'event: response.completed\r\ndata: {}\r\n\r\n']) {
      api = stream(text);
      await ask(page, text);
      await holds(page, text);
    }
    assert.equal((await kept(page)).length, 3);
    api = CUT;
    for (const question of ['stopped', 'closed', 'broken', ...Object.keys(ends)]) {
      assert.deepEqual(await ask(page, question), REJECTED, question);
    }
  },

  async room() {
    // Each answer takes a little more than 4 kB, so three fit.
    const long = (name) => name.padEnd(4000, '.');
    const small = await visit({ maxBytes: 15_000 });
    api = CUT;
    for (const name of ['one', 'two', 'three']) await keep(small, long(name));
    isFromEarlier(await ask(small, long('one')));
    await keep(small, long('four'));
    assert.deepEqual(await ask(small, long('two')), REJECTED, 'used least recently');
    for (const name of ['one', 'three', 'four']) isFromEarlier(await ask(small, long(name)));
    const total = (await kept(small)).reduce((sum, { size }) => sum + size, 0);
    assert.ok(total <= 15_000, `${total} bytes`);

    api = echoes;
    const huge = 'x'.repeat(20_000);
    assert.equal((await ask(small, huge)).text, said(huge));
    await keep(small, long('five'));
    api = CUT;
    assert.deepEqual(await ask(small, huge), REJECTED, 'larger than everything together may be');
    isFromEarlier(await ask(small, long('four')));

    // A browser that gives this site no more than 200 kB. It looks at its limit only now and then, so it is told first.
    const full = await visit();
    const tools = await full.context().newCDPSession(full);
    await tools.send('Storage.overrideQuotaForOrigin', { origin: APP, quotaSize: 200_000 });
    const names = ['one', 'two', 'three', 'four', 'five', 'six'];
    for (const name of names) await keep(full, long(name));
    const heavy = (name) => name.padEnd(300_000, '.');
    // Each has begun before any of them ends, so all of them are to be kept until the first one can't be.
    const open = [];
    api = (_, response, body) => {
      response.writeHead(200, { 'content-type': 'text/plain' });
      response.write(body);
      open.push(response);
    };
    const three = ['seven', 'eight', 'nine'].map(heavy);
    await full.evaluate(async (three) => {
      const headers = { authorization: 'Bearer first' };
      const asked = three.map((body) => fetch('/v1/chat/completions', { method: 'POST', headers, body }));
      window.begun = await Promise.all(asked);
    }, three);
    for (const response of open) response.end('!');
    const texts = await full.evaluate(() => Promise.all(window.begun.map((response) => response.text())));
    assert.deepEqual(texts, three.map((body) => `${body}!`), 'the page has its answers');
    const told = () => full.evaluate(() => window.told);
    await until('a message', async () => (await told()).length);
    api = echoes;
    assert.equal((await ask(full, 'ten')).status, 200);
    api = CUT;
    for (const name of [...three, 'ten']) assert.deepEqual(await ask(full, name), REJECTED, name.slice(0, 5));
    for (const name of names) isFromEarlier(await ask(full, long(name)));
    const [first, ...rest] = await told();
    assert.deepEqual(first, { type: 'evenkeel-offline', event: 'not-kept', reason: 'quota' });
    assert.ok(rest.every(({ event }) => event === 'served'), 'it is told once');
  },

  async apart() {
    const secret = 'Bearer sk-secret-of-the-second-login';
    const page = await visit({ promptVersion: 'spring' });
    api = CUT;
    await keep(page, 'mine');
    await keep(page, 'theirs', { authorization: secret });
    assert.deepEqual(await ask(page, 'mine', { authorization: secret }), REJECTED);
    assert.deepEqual(await ask(page, 'theirs'), REJECTED);
    assert.deepEqual(await ask(page, 'mine', { authorization: '' }), REJECTED, 'nobody’s');
    assert.deepEqual(await ask(page, 'mine', { authorization: '', 'x-api-key': 'Bearer first' }), REJECTED);
    isFromEarlier(await ask(page, 'theirs', { authorization: secret }), said('theirs'));
    const text = JSON.stringify(await kept(page));
    assert.ok(text.includes('theirs') && !text.includes('secret-of') && !text.includes('Bearer'), text);

    assert.deepEqual(await ask(page, 'mine', { 'x-evenkeel-prompt-version': 'summer' }), REJECTED);
    isFromEarlier(await ask(page, 'mine', { 'x-evenkeel-prompt-version': 'spring' }), said('mine'));
    // The app's next release, on the same device.
    await page.evaluate(async (options) => {
      const taken = new Promise((resolve) => navigator.serviceWorker.addEventListener('controllerchange', resolve));
      await navigator.serviceWorker.register(`/sw.js?options=${encodeURIComponent(JSON.stringify(options))}`);
      await taken;
    }, { ...OPTIONS, promptVersion: 'summer' });
    assert.deepEqual(await ask(page, 'mine'), REJECTED, 'a new prompt never meets an old answer');
    await keep(page, 'mine');
    isFromEarlier(await ask(page, 'mine'), said('mine'));

    // Without a word whose it is, nothing is kept, unless the app says that it is everybody's.
    api = echoes;
    await ask(page, 'nobody’s', { authorization: '' });
    await keep(page, 'the last');
    api = CUT;
    assert.deepEqual(await ask(page, 'nobody’s', { authorization: '' }), REJECTED);
    const shared = await visit({ shared: true });
    await keep(shared, 'nobody’s', { authorization: '' });
    isFromEarlier(await ask(shared, 'nobody’s', { authorization: '' }), said('nobody’s'));
    assert.deepEqual(await ask(shared, 'nobody’s'), REJECTED, 'who says a name is still apart');
    const named = await visit({ separateBy: ['x-user'] });
    await keep(named, 'by name', { 'x-user': '7' });
    isFromEarlier(await ask(named, 'by name', { 'x-user': '7', authorization: 'Bearer renewed' }), said('by name'));
    assert.deepEqual(await ask(named, 'by name', { 'x-user': '8' }), REJECTED);
  },

  async forms() {
    const elsewhere = await origin();
    const options = { paths: ['/v1/', `${elsewhere}/v1/chat/completions`], fallbackOn: [503] };
    for (const form of [{ type: 'classic' }, { type: 'module' }]) {
      const page = await visit(options, form);
      api = CUT;
      await keep(page, form.type);
      isFromEarlier(await ask(page, form.type), said(form.type));
      const path = `${elsewhere}/v1/chat/completions`;
      assert.deepEqual(await ask(page, form.type, { path }), REJECTED, 'another origin is another address');
      await keep(page, 'over there', { path });
      isFromEarlier(await ask(page, 'over there', { path }), said('over there'));

      api = echoes;
      const models = { path: '/v1/models', method: 'GET' };
      await ask(page, '', models);
      await holds(page, said(''));
      api = gives('{"error": {}}', {}, 503);
      isFromEarlier(await ask(page, '', models), said(''));
      assert.equal((await ask(page, 'never', models.path)).status, 503, 'the error is better than nothing');
      api = gives('{"error": {}}', {}, 502);
      assert.equal((await ask(page, form.type)).status, 502, 'a status that was not named is an answer');

      // A page below the same path is the browser's business.
      const reader = await page.context().newPage();
      api = gives('{"a": "page"}');
      await reader.goto(`${APP}/v1/models`);
      assert.equal(await reader.locator('body').innerText(), '{"a": "page"}');
      api = CUT;
      await assert.rejects(reader.goto(`${APP}/v1/models`), /ERR_EMPTY_RESPONSE/);
      isFromEarlier(await ask(page, '', models), said(''));
      await page.context().close();
    }
    const wrong = await browser.newPage();
    await wrong.goto(`${APP}/`);
    const failure = await wrong.evaluate(async () => {
      const options = encodeURIComponent('{"paths": ["v1/chat"]}');
      return navigator.serviceWorker.register(`/sw.js?options=${options}`).catch((error) => error.name);
    });
    assert.equal(failure, 'TypeError', 'a wrong option is noticed when the worker is registered');
  },
};

try {
  await tests[process.argv[2]]();
  console.log(`done: ${process.argv[2]}`);
  // Connections that a browser keeps would keep this alive too.
  setImmediate(() => process.exit(0));
} finally {
  await browser.close();
}
