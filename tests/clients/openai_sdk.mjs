// The official OpenAI SDK for Node against a router in practice: openai_sdk.mjs BASE KEY primary|secondary|broken.
import assert from 'node:assert/strict';
import OpenAI from 'openai';

const [base, apiKey, who] = process.argv.slice(2);
const client = new OpenAI({ baseURL: `${base}/v1`, apiKey, maxRetries: 0 });
const by = who === 'primary' ? 'practice-a' : 'practice-b';
const hello = [{ role: 'user', content: 'Hello to the keel' }];
const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const done = [];

const ask = (more = {}) => client.chat.completions.create({ model: 'gpt-5-mini', messages: hello, ...more });

async function check(name, test) {
  await test();
  done.push(name);
}

async function all(stream) {
  const seen = [];
  for await (const piece of await stream) seen.push(piece);
  return seen;
}

await check('plain', async () => {
  const answer = await ask();
  assert.match(answer.choices[0].message.content, new RegExp(by));
  assert.ok(answer.usage.total_tokens > 0);
});

await check('headers', async () => {
  const { data, response } = await ask().withResponse();
  assert.equal(response.headers.get('x-evenkeel-served-by'), who === 'primary' ? 'primary' : 'secondary');
  assert.ok(response.headers.get('x-evenkeel-id') && data.choices.length === 1);
});

await check('wrong_key', async () => {
  const stranger = new OpenAI({ baseURL: `${base}/v1`, apiKey: 'ek-nobody', maxRetries: 0 });
  const told = (error) => error instanceof OpenAI.AuthenticationError && error.code === 'invalid_local_key';
  await assert.rejects(stranger.chat.completions.create({ model: 'm', messages: hello }), told);
});

await check('wrong_model', async () => {
  // A provider that is down can't say that it doesn't have the model.
  if (who === 'secondary') return;
  const refused = (error) => error instanceof OpenAI.NotFoundError && error.code === 'model_not_served';
  await assert.rejects(ask({ model: 'missing-x' }), refused);
});

await check('models', async () => {
  // Handed through to the first provider.
  if (who !== 'primary') return;
  const names = (await all(client.models.list())).map((model) => model.id);
  assert.equal((await client.models.retrieve(names[0])).id, names[0]);
});

await check('streams', async () => {
  if (who === 'broken') {
    const seen = [];
    const reading = async () => {
      for await (const chunk of await ask({ stream: true })) seen.push(chunk);
    };
    await assert.rejects(reading, OpenAI.APIError);
    assert.ok(seen.length > 0, 'something came before the break');
    return;
  }
  const chunks = await all(ask({ stream: true, stream_options: { include_usage: true } }));
  const text = chunks.map((chunk) => chunk.choices[0]?.delta?.content ?? '').join('');
  assert.match(text, new RegExp(by));
  assert.ok(chunks.at(-1).usage.total_tokens > 0);
  const whole = await client.chat.completions.stream({ model: 'gpt-5-mini', messages: hello }).finalChatCompletion();
  assert.equal(whole.choices[0].message.content, text);
});

await check('tool_round_trip', async () => {
  const tool = { type: 'function', function: { name: 'get_weather', parameters } };
  const talk = [{ role: 'user', content: 'Please use get_weather' }];
  const first = await ask({ messages: talk, tools: [tool] });
  const call = first.choices[0].message.tool_calls[0];
  assert.ok(JSON.parse(call.function.arguments).city);
  talk.push(first.choices[0].message, { role: 'tool', tool_call_id: call.id, content: 'Sunny intervals' });
  assert.match((await ask({ messages: talk, tools: [tool] })).choices[0].message.content, /Sunny intervals/);
});

await check('tool_runner', async () => {
  if (who === 'broken') return;
  const get_weather = { name: 'get_weather', parameters, parse: JSON.parse, function: async () => 'Sunny intervals' };
  const messages = [{ role: 'user', content: 'Please use get_weather' }];
  const tools = [{ type: 'function', function: get_weather }];
  const runner = client.chat.completions.runTools({ model: 'gpt-5-mini', stream: true, messages, tools });
  assert.match(await runner.finalContent(), /Sunny intervals/);
});

console.log('done:', ...done);
