// The web app's server, as small as it gets: the page, and a way to Evenkeel on which the key stays here.
//
//   eval "$(evenkeel env)" && node server.mjs
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

const { OPENAI_BASE_URL, OPENAI_API_KEY, PORT = '8080' } = process.env;
if (!OPENAI_BASE_URL || !OPENAI_API_KEY) quit('Run eval "$(evenkeel env)" first, in this terminal.');

const TYPES = { html: 'text/html', js: 'text/javascript', css: 'text/css' };
const files = new Map();
for (const name of ['index.html', 'app.js', 'app.css', 'tokens.css', 'sw.js']) {
  files.set(`/${name}`, await readFile(new URL(name, import.meta.url)));
}
files.set('/', files.get('/index.html'));
// An app copies this file once, into its own static files. Here it is fetched, so that the demo has the newest.
const worker = new URL('/offline/evenkeel-sw.js', OPENAI_BASE_URL);
const fetched = await fetch(worker).catch(() => quit(`${worker} does not answer. Is Evenkeel running?`));
if (!fetched.ok) quit(`${worker} answered ${fetched.status}.`);
files.set('/evenkeel-sw.js', Buffer.from(await fetched.arrayBuffer()));

function quit(why) {
  console.error(why);
  process.exit(1);
}

async function passOn(request, response) {
  // The key is added here, so another site's page must not be able to send anything this way.
  if (request.headers['sec-fetch-site'] !== 'same-origin') return refuse(response, 403, 'Only this page may ask.');
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const headers = { authorization: `Bearer ${OPENAI_API_KEY}`, 'content-type': 'application/json' };
  const version = request.headers['x-evenkeel-prompt-version'];
  if (version) headers['x-evenkeel-prompt-version'] = version;
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  let answer;
  try {
    const url = OPENAI_BASE_URL + request.url.slice('/v1'.length);
    answer = await fetch(url, { method: 'POST', headers, body: Buffer.concat(pieces), signal: gone.signal });
  } catch {
    return refuse(response, 502, 'Evenkeel can’t be reached.');
  }
  const passed = [...answer.headers].filter(([name]) => name === 'content-type' || name.startsWith('x-evenkeel-'));
  response.writeHead(answer.status, Object.fromEntries(passed));
  // A stream that breaks must break for the page too, and one that the page leaves must end at Evenkeel.
  await pipeline(Readable.fromWeb(answer.body), response).catch(() => response.destroy());
}

function refuse(response, status, message) {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ error: { message } }));
}

const server = createServer((request, response) => {
  const { pathname } = new URL(request.url, 'http://localhost');
  if (request.method === 'POST' && pathname === '/v1/chat/completions') {
    passOn(request, response).catch(() => response.destroy());
    return;
  }
  const file = files.get(pathname);
  if (!file) return refuse(response, 404, 'There is no such file.');
  const type = TYPES[pathname.split('.')[1] ?? 'html'];
  response.writeHead(200, { 'content-type': `${type}; charset=utf-8`, 'cache-control': 'no-cache' });
  response.end(file);
});

// Loopback only: whoever reaches this asks at your cost.
server.listen(Number(PORT), '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/`));
