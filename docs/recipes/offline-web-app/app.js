const at = (id) => document.getElementById(id);
const state = (text) => (at('state').textContent = text);
const READY = 'Answers are kept on this device, and given again when the network fails.';

/** The worker takes over as soon as it runs; before that, questions are answered but not kept. */
async function start() {
  if (!navigator.serviceWorker) {
    return state('This browser keeps nothing here: service workers need https, or localhost.');
  }
  navigator.serviceWorker.addEventListener('message', hear);
  try {
    const taken = new Promise((resolve) => navigator.serviceWorker.addEventListener('controllerchange', resolve));
    await navigator.serviceWorker.register('/sw.js');
    if (!navigator.serviceWorker.controller) await taken;
  } catch (error) {
    // Without a network there is nothing to register, and the worker from last time is at work.
    if (!navigator.serviceWorker.controller) return state(`The service worker can’t start: ${error.message}`);
  }
  state(READY);
}

/** What the worker says about answers. */
function hear({ data }) {
  if (data?.type !== 'evenkeel-offline') return;
  if (data.event === 'served') state('No network. What was asked before is answered from this device.');
  if (data.event === 'not-kept') state('This device has no room left. New answers come, but are not kept.');
}

at('ask').addEventListener('submit', async (event) => {
  event.preventDefault();
  const button = event.target.querySelector('button');
  button.disabled = true;
  await ask().catch(() => mark('none', 'The answer broke off. Ask again.'));
  button.disabled = false;
});

async function ask() {
  at('answer').hidden = false;
  at('text').textContent = '';
  mark('', 'Asking …');
  let response;
  try {
    response = await fetch('/v1/chat/completions', {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-demo-login': at('login').value,
        'x-evenkeel-prompt-version': at('version').value,
      },
      body: JSON.stringify({
        model: 'gpt-5-mini',
        stream: true,
        messages: [{ role: 'user', content: at('question').value }],
      }),
    });
  } catch {
    return nothing();
  }
  if ([502, 503, 504].includes(response.status)) return nothing();
  if (!response.ok) return mark('none', (await response.json()).error.message);
  const earlier = response.headers.get('x-evenkeel-cache') === 'offline';
  const practice = response.headers.get('x-evenkeel-practice') === 'true' ? ' · PRACTICE' : '';
  if (earlier) mark('earlier', `From earlier, ${ago(Number(response.headers.get('x-evenkeel-age')))}${practice}`);
  else {
    mark('live', `Live${practice}`);
    if (navigator.serviceWorker?.controller) state(READY);
  }
  for await (const text of pieces(response.body)) at('text').append(text);
}

function nothing() {
  mark('none', 'No network');
  at('text').textContent = 'This was not asked before on this device, so there is no answer to give.';
}

function mark(kind, words) {
  at('source').className = `mark ${kind}`;
  at('source').textContent = words;
}

/** The text of a stream, as it comes. */
async function* pieces(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    const lines = (rest + read.value).split('\n');
    rest = lines.pop();
    for (const line of lines) {
      if (!line.startsWith('data: ') || line.startsWith('data: [DONE]')) continue;
      const event = JSON.parse(line.slice('data: '.length));
      if (event.error) throw new Error(event.error.message);
      yield event.choices[0]?.delta?.content ?? '';
    }
  }
}

function ago(seconds) {
  if (seconds < 60) return 'less than a minute ago';
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  const days = Math.floor(seconds / 86_400);
  return days === 1 ? '1 day ago' : `${days} days ago`;
}

at('forget').addEventListener('click', () => {
  const asked = indexedDB.deleteDatabase('evenkeel-offline');
  asked.onsuccess = () => state('Nothing is kept on this device any more.');
  asked.onerror = () => state('The browser refuses to delete what is kept.');
});

await start();
