// The official Anthropic SDK for Node against a router in practice:
// anthropic_sdk.mjs BASE KEY primary|secondary|broken.
import assert from 'node:assert/strict';
import Anthropic from '@anthropic-ai/sdk';

const [baseURL, apiKey, who] = process.argv.slice(2);
const client = new Anthropic({ baseURL, apiKey, maxRetries: 0 });
const by = who === 'primary' ? 'practice-a' : 'practice-b';
const hello = [{ role: 'user', content: 'Hello to the keel' }];
const asked = { model: 'claude-haiku-4-5', max_tokens: 200, messages: hello };
const input_schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const weather = { name: 'get_weather', input_schema };
const done = [];

const ask = (more = {}) => client.messages.create({ ...asked, ...more });

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
  assert.match(answer.content[0].text, new RegExp(by));
  assert.ok(answer.stop_reason === 'end_turn' && answer.usage.output_tokens > 0);
});

await check('headers', async () => {
  const { data, response } = await ask().withResponse();
  assert.equal(response.headers.get('x-evenkeel-served-by'), who === 'primary' ? 'primary' : 'secondary');
  assert.ok(response.headers.get('x-evenkeel-id') && data.content.length === 1);
});

await check('wrong_key', async () => {
  const stranger = new Anthropic({ baseURL, apiKey: 'ek-nobody', maxRetries: 0 });
  const told = (error) => error instanceof Anthropic.AuthenticationError && /evenkeel env/.test(error.message);
  await assert.rejects(stranger.messages.create(asked), told);
});

await check('wrong_model', async () => {
  // A provider that is down can't say that it doesn't have the model.
  if (who === 'secondary') return;
  await assert.rejects(ask({ model: 'missing-x' }), (error) => error instanceof Anthropic.NotFoundError);
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
      for await (const event of await ask({ stream: true })) seen.push(event);
    };
    await assert.rejects(reading, Anthropic.APIError);
    assert.ok(seen.length > 0, 'something came before the break');
    await assert.rejects(client.messages.stream(asked).finalMessage(), Anthropic.AnthropicError);
    return;
  }
  const kinds = (await all(ask({ stream: true }))).map((event) => event.type);
  assert.equal(kinds[0], 'message_start');
  assert.equal(kinds.at(-1), 'message_stop');
  assert.match(await client.messages.stream(asked).finalText(), new RegExp(by));
});

await check('tool_round_trip', async () => {
  const messages = [{ role: 'user', content: 'Please use get_weather' }];
  const first = await ask({ messages, tools: [weather] });
  const call = first.content.find((block) => block.type === 'tool_use');
  assert.ok(call.input.city && first.stop_reason === 'tool_use');
  messages.push({ role: 'assistant', content: first.content });
  messages.push({ role: 'user', content: [{ type: 'tool_result', tool_use_id: call.id, content: 'Sunny intervals' }] });
  assert.match((await ask({ messages, tools: [weather] })).content[0].text, /Sunny intervals/);
});

await check('tool_runner', async () => {
  const tools = [{ ...weather, parse: (input) => input, run: async () => 'Sunny intervals' }];
  const messages = [{ role: 'user', content: 'Please use get_weather' }];
  const last = await client.beta.messages.toolRunner({ ...asked, messages, tools });
  assert.match(last.content[0].text, /Sunny intervals/);
});

await check('counts_tokens', async () => {
  // Handed through to the first provider.
  if (who !== 'primary') return;
  const { model, messages } = asked;
  assert.ok((await client.messages.countTokens({ model, messages })).input_tokens > 0);
});

console.log('done:', ...done);
