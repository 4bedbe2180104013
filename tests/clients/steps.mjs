// What the Node scripts share. A script is called with BASE KEY STEP…, runs the steps that are named, and prints one
// line of JSON for each: what the client's user would see, or the client's own error. What is right is for the test
// in Rust to say.

export const [base, key, ...wanted] = process.argv.slice(2);

export const HELLO = 'Hello to the keel';
export const TOOLS = ['get_weather', 'get_tide'];
export const ONE_TOOL = 'Please use get_weather for the harbour';
export const BOTH_TOOLS = 'Please use get_weather and get_tide for the harbour';
// More turns than any conversation here takes.
export const TURNS = 6;

// What a tool gives back. After ONE_TOOL it names the other tool, which makes a conversation of three turns.
export function result(name, prompt) {
  if (name === 'get_tide') return 'High water at noon';
  return prompt === ONE_TOOL ? 'Sunny intervals, and now get_tide' : 'Sunny intervals';
}

export const parameters = {
  type: 'object',
  properties: { place: { type: 'string', description: 'A harbour' } },
  required: ['place'],
  additionalProperties: false,
};

export async function all(stream) {
  const seen = [];
  for await (const piece of await stream) seen.push(piece);
  return seen;
}

function told(error) {
  const status = error.status ?? error.statusCode ?? null;
  return { error: error.constructor.name, status, message: String(error.message), code: error.code ?? null };
}

// The error that `call` has to end in, as its user reads it.
export async function failure(call) {
  let seen;
  try {
    seen = await call();
  } catch (error) {
    return told(error);
  }
  throw new Error(`there was no error but ${JSON.stringify(seen)}`);
}

export async function run(steps) {
  for (const step of wanted) {
    let line;
    try {
      line = { step, ok: true, ...(await steps[step]()) };
    } catch (error) {
      const at = /(\w+\.mjs:\d+):/.exec(error.stack ?? '')?.[1];
      line = { step, ok: false, error: `${error.constructor?.name}: ${error.message ?? error}`, at };
      process.exitCode = 1;
    }
    console.log(JSON.stringify(line));
  }
}
