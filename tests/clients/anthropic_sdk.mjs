// The official Anthropic SDK for Node.
import Anthropic from '@anthropic-ai/sdk';
import { zodOutputFormat } from '@anthropic-ai/sdk/helpers/zod';
import { z } from 'zod';
import {
  BOTH_TOOLS,
  HELLO,
  ONE_TOOL,
  TOOLS,
  TURNS,
  all,
  base,
  failure,
  key,
  parameters,
  result,
  run,
} from './steps.mjs';

const client = new Anthropic({ baseURL: base, apiKey: key, maxRetries: 0 });
const model = 'claude-haiku-4-5';
const messages = [{ role: 'user', content: HELLO }];
const asked = { model, max_tokens: 200, messages };
const tools = TOOLS.map((name) => ({ name, description: `Runs ${name}`, input_schema: parameters }));
const Voyage = z.object({ title: z.string(), days: z.int(), ports: z.array(z.string()) });

const ask = (more = {}) => client.messages.create({ ...asked, system: 'Be brief.', ...more });
const used = (usage) => ({ input: usage.input_tokens, output: usage.output_tokens });

async function loop(content, streaming) {
  const talk = [{ role: 'user', content }];
  const calls = [];
  for (let turns = 1; turns <= TURNS; turns += 1) {
    const more = { ...asked, messages: talk, tools };
    const answer = streaming ? await client.messages.stream(more).finalMessage() : await client.messages.create(more);
    const wanted = answer.content.filter((block) => block.type === 'tool_use');
    if (!wanted.length) return { calls, turns, finish: answer.stop_reason, text: answer.content[0].text };
    calls.push(...wanted.map((call) => [call.name, call.input]));
    talk.push({ role: 'assistant', content: answer.content });
    const told = (call) => ({ type: 'tool_result', tool_use_id: call.id, content: result(call.name, content) });
    talk.push({ role: 'user', content: wanted.map(told) });
  }
  throw new Error(`no end of ${JSON.stringify(calls)}`);
}

// It keeps the conversation at the provider where that is offered, and sends it whole where it is not.
async function runner(streaming) {
  const calls = [];
  const runnable = tools.map((tool) => ({
    ...tool,
    parse: (input) => input,
    run(input) {
      calls.push([tool.name, input]);
      return result(tool.name, ONE_TOOL);
    },
  }));
  const talk = [{ role: 'user', content: ONE_TOOL }];
  const running = client.beta.messages.toolRunner({ ...asked, messages: talk, tools: runnable, stream: streaming });
  let turns = 0;
  let last;
  for await (const answer of running) {
    turns += 1;
    last = streaming ? await answer.finalMessage() : answer;
  }
  return { calls, turns, text: last.content[0].text };
}

await run({
  async text() {
    const answer = await ask();
    return { text: answer.content[0].text, finish: answer.stop_reason, ...used(answer.usage) };
  },

  async stream() {
    const stream = client.messages.stream(asked);
    const pieces = [];
    stream.on('text', (piece) => pieces.push(piece));
    const final = await stream.finalMessage();
    return { text: pieces.join(''), pieces: pieces.length, finish: final.stop_reason, ...used(final.usage) };
  },

  async by_environment() {
    return { text: (await new Anthropic().messages.create(asked)).content[0].text };
  },

  async events() {
    const kinds = (await all(ask({ stream: true }))).map((event) => event.type);
    return { first: kinds[0], last: kinds.at(-1), kinds };
  },

  tools_in_turn: () => loop(ONE_TOOL, false),
  tools_in_turn_streamed: () => loop(ONE_TOOL, true),
  tools_at_once: () => loop(BOTH_TOOLS, false),
  tool_runner: () => runner(false),
  tool_runner_streamed: () => runner(true),

  async structured() {
    const answer = await client.messages.parse({ ...asked, output_config: { format: zodOutputFormat(Voyage) } });
    return { value: answer.parsed_output };
  },

  async headers() {
    const { data, response } = await ask().withResponse();
    return { headers: Object.fromEntries(response.headers), text: data.content[0].text };
  },

  async models() {
    const models = (await all(client.models.list())).map((it) => it.id);
    return { models, one: (await client.models.retrieve(models[0])).id };
  },

  async counts_tokens() {
    return { input: (await client.messages.countTokens({ model, messages })).input_tokens };
  },

  wrong_key() {
    const stranger = new Anthropic({ baseURL: base, apiKey: 'ek-nobody', maxRetries: 0 });
    return failure(() => stranger.messages.create(asked));
  },
  wrong_model: () => failure(() => ask({ model: 'missing-x' })),
  wrong_request: () => failure(() => ask({ model: 'bad-request' })),

  async broken_stream() {
    let pieces = 0;
    const read = async () => {
      for await (const _ of await ask({ stream: true })) pieces += 1;
    };
    return { ...(await failure(read)), pieces };
  },
  broken_helper: () => failure(() => client.messages.stream(asked).finalMessage()),

  async hang_up() {
    for await (const event of await ask({ stream: true })) {
      if (event.type === 'content_block_delta') return { text: event.delta.text };
    }
    throw new Error('there was no text');
  },
});
