// Vercel's AI SDK, by its providers for both vendors: chat completions, responses and messages.
import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI, openai as byEnvironment } from '@ai-sdk/openai';
import { Output, generateText, stepCountIs, streamText, tool } from 'ai';
import { z } from 'zod';
import { BOTH_TOOLS, HELLO, ONE_TOOL, TOOLS, TURNS, base, failure, key, result, run } from './steps.mjs';

// Both want the base URL with its /v1.
const baseURL = `${base}/v1`;
const openai = (apiKey) => createOpenAI({ baseURL, apiKey });
const kinds = {
  chat: (apiKey = key, model = 'gpt-5-mini') => openai(apiKey).chat(model),
  responses: (apiKey = key, model = 'gpt-5-mini') => openai(apiKey).responses(model),
  messages: (apiKey = key, model = 'claude-haiku-4-5') => createAnthropic({ baseURL, apiKey })(model),
};
const Voyage = z.object({ title: z.string(), days: z.int(), ports: z.array(z.string()) });
const hello = { system: 'Be brief.', prompt: HELLO, maxRetries: 0 };

const used = (usage) => ({ input: usage.inputTokens, output: usage.outputTokens });

async function text(model) {
  const answer = await generateText({ model, ...hello });
  return { text: answer.text, finish: answer.finishReason, ...used(answer.usage) };
}

// A stream that fails doesn't throw: the error is a part of it.
async function* textOf(answer) {
  for await (const part of answer.fullStream) {
    if (part.type === 'error') throw part.error;
    if (part.type === 'text-delta') yield part.text;
  }
}

async function stream(model) {
  const answer = streamText({ model, ...hello, onError() {} });
  const pieces = [];
  for await (const piece of textOf(answer)) pieces.push(piece);
  const finish = await answer.finishReason;
  return { text: pieces.join(''), pieces: pieces.length, finish, ...used(await answer.usage) };
}

async function tools(model, prompt, streaming = false) {
  const calls = [];
  const entry = (name) => [
    name,
    tool({
      description: `Runs ${name}`,
      inputSchema: z.object({ place: z.string().describe('A harbour') }),
      execute(input) {
        calls.push([name, input]);
        return result(name, prompt);
      },
    }),
  ];
  const tools = Object.fromEntries(TOOLS.map(entry));
  const asked = { model, prompt, tools, stopWhen: stepCountIs(TURNS), maxRetries: 0 };
  if (!streaming) {
    const answer = await generateText(asked);
    return { calls, turns: answer.steps.length, text: answer.text };
  }
  const answer = streamText({ ...asked, onError() {} });
  let text = '';
  for await (const piece of textOf(answer)) text += piece;
  return { calls, turns: (await answer.steps).length, text };
}

async function structured(model) {
  const { output } = await generateText({ model, ...hello, output: Output.object({ schema: Voyage }) });
  return { value: output };
}

async function hang_up(model) {
  const abort = new AbortController();
  const answer = streamText({ model, ...hello, abortSignal: abort.signal, onError() {} });
  for await (const piece of textOf(answer)) {
    abort.abort();
    return { text: piece };
  }
  throw new Error('there was no text');
}

const steps = {
  text,
  stream,
  tools: (model) => tools(model, ONE_TOOL),
  tools_streamed: (model) => tools(model, ONE_TOOL, true),
  tools_at_once: (model) => tools(model, BOTH_TOOLS),
  structured,
  hang_up,
};
// The provider for the other vendor reads its variable too, but takes the address there to end in /v1.
const known = { by_environment: () => text(byEnvironment.chat('gpt-5-mini')) };
for (const [name, kind] of Object.entries(kinds)) {
  for (const [step, act] of Object.entries(steps)) known[`${name}_${step}`] = () => act(kind());
  known[`${name}_wrong_key`] = () => failure(() => text(kind('ek-nobody')));
  known[`${name}_wrong_model`] = () => failure(() => text(kind(key, 'missing-x')));
}

await run(known);
