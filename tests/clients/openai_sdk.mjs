// The official OpenAI SDK for Node.
import OpenAI from 'openai';
import { zodResponseFormat, zodTextFormat } from 'openai/helpers/zod';
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

const model = 'gpt-5-mini';
const client = new OpenAI({ baseURL: `${base}/v1`, apiKey: key, maxRetries: 0 });
const messages = [
  { role: 'system', content: 'Be brief.' },
  { role: 'user', content: HELLO },
];
const functions = TOOLS.map((name) => ({ name, description: `Runs ${name}`, parameters }));
const tools = functions.map((it) => ({ type: 'function', function: it }));
const Voyage = z.object({ title: z.string(), days: z.int(), ports: z.array(z.string()) });

const ask = (more = {}) => client.chat.completions.create({ model, messages, ...more });
const respond = (more = {}) => client.responses.create({ model, input: HELLO, store: false, ...more });
const used = (usage) => ({ input: usage.prompt_tokens, output: usage.completion_tokens });
const usedBy = (response) => ({ input: response.usage.input_tokens, output: response.usage.output_tokens });

async function loop(content, streaming) {
  const talk = [{ role: 'user', content }];
  const calls = [];
  for (let turns = 1; turns <= TURNS; turns += 1) {
    const asked = { model, messages: talk, tools };
    const answer = streaming
      ? await client.chat.completions.stream(asked).finalChatCompletion()
      : await client.chat.completions.create(asked);
    const { message, finish_reason: finish } = answer.choices[0];
    if (!message.tool_calls?.length) return { calls, turns, finish, text: message.content };
    talk.push(message);
    for (const call of message.tool_calls) {
      calls.push([call.function.name, JSON.parse(call.function.arguments)]);
      talk.push({ role: 'tool', tool_call_id: call.id, content: result(call.function.name, content) });
    }
  }
  throw new Error(`no end of ${JSON.stringify(calls)}`);
}

async function responsesLoop(content, streaming) {
  let input = [{ role: 'user', content }];
  const calls = [];
  const flat = functions.map((it) => ({ type: 'function', strict: false, ...it }));
  for (let turns = 1; turns <= TURNS; turns += 1) {
    const asked = { model, input, tools: flat, store: false };
    const answer = streaming
      ? await client.responses.stream(asked).finalResponse()
      : await client.responses.create(asked);
    const wanted = answer.output.filter((item) => item.type === 'function_call');
    if (!wanted.length) return { calls, turns, text: answer.output_text };
    // The items go back as they came, as the vendor's guide does it.
    input = [...input, ...answer.output];
    for (const call of wanted) {
      calls.push([call.name, JSON.parse(call.arguments)]);
      input.push({ type: 'function_call_output', call_id: call.call_id, output: result(call.name, content) });
    }
  }
  throw new Error(`no end of ${JSON.stringify(calls)}`);
}

await run({
  async text() {
    const answer = await ask();
    const [choice] = answer.choices;
    return { text: choice.message.content, finish: choice.finish_reason, ...used(answer.usage) };
  },

  async stream() {
    const chunks = await all(ask({ stream: true, stream_options: { include_usage: true } }));
    const pieces = chunks.map((chunk) => chunk.choices[0]?.delta.content).filter(Boolean);
    const finish = chunks.findLast((chunk) => chunk.choices.length).choices[0].finish_reason;
    return { text: pieces.join(''), pieces: pieces.length, finish, ...used(chunks.at(-1).usage) };
  },

  async by_environment() {
    const answer = await new OpenAI().chat.completions.create({ model, messages });
    return { text: answer.choices[0].message.content };
  },

  async stream_helper() {
    const answer = await client.chat.completions.stream({ model, messages }).finalChatCompletion();
    return { text: answer.choices[0].message.content, finish: answer.choices[0].finish_reason };
  },

  tools_in_turn: () => loop(ONE_TOOL, false),
  tools_in_turn_streamed: () => loop(ONE_TOOL, true),
  tools_at_once: () => loop(BOTH_TOOLS, false),

  async tool_runner() {
    const calls = [];
    const runnable = functions.map((it) => ({
      type: 'function',
      function: {
        ...it,
        parse: JSON.parse,
        function(input) {
          calls.push([it.name, input]);
          return result(it.name, ONE_TOOL);
        },
      },
    }));
    const talk = [{ role: 'user', content: ONE_TOOL }];
    const runner = client.chat.completions.runTools({ model, stream: true, messages: talk, tools: runnable });
    const text = await runner.finalContent();
    return { calls, turns: runner.allChatCompletions().length, text };
  },

  async structured() {
    const response_format = zodResponseFormat(Voyage, 'voyage');
    const answer = await client.chat.completions.parse({ model, messages, response_format });
    return { value: answer.choices[0].message.parsed };
  },

  async headers() {
    const { data, response } = await ask().withResponse();
    return { headers: Object.fromEntries(response.headers), text: data.choices[0].message.content };
  },

  async models() {
    const models = (await all(client.models.list())).map((it) => it.id);
    return { models, one: (await client.models.retrieve(models[0])).id };
  },

  async embeddings() {
    // The SDK asks for base64 and unpacks it.
    const answer = await client.embeddings.create({ model: 'text-embedding-3-small', input: ['keel', 'mast'] });
    return { vectors: answer.data.map((row) => row.embedding.length), input: answer.usage.prompt_tokens };
  },

  wrong_key() {
    const stranger = new OpenAI({ baseURL: `${base}/v1`, apiKey: 'ek-nobody', maxRetries: 0 });
    return failure(() => stranger.chat.completions.create({ model, messages }));
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

  async hang_up() {
    for await (const chunk of await ask({ stream: true })) {
      const text = chunk.choices[0]?.delta.content;
      if (text) return { text };
    }
    throw new Error('there was no text');
  },

  async responses_text() {
    const answer = await respond({ instructions: 'Be brief.' });
    return { text: answer.output_text, ...usedBy(answer) };
  },

  async responses_stream() {
    const events = await all(respond({ stream: true }));
    const pieces = events.filter((it) => it.type === 'response.output_text.delta').map((it) => it.delta);
    const last = events.at(-1).response;
    const kinds = events.map((it) => it.type);
    return { text: pieces.join(''), pieces: pieces.length, kinds, ...usedBy(last) };
  },

  async responses_stream_helper() {
    const answer = await client.responses.stream({ model, input: HELLO, store: false }).finalResponse();
    return { text: answer.output_text, ...usedBy(answer) };
  },

  responses_tools: () => responsesLoop(ONE_TOOL, false),
  responses_tools_streamed: () => responsesLoop(ONE_TOOL, true),

  async responses_structured() {
    const text = { format: zodTextFormat(Voyage, 'voyage') };
    return { value: (await client.responses.parse({ model, input: HELLO, store: false, text })).output_parsed };
  },
});
