/** Documents as the router answers them, to be varied by each test. */
import type { AttemptRow, ConfigView, KeyRow, PracticeStatus, ProviderTest, RequestRow, Status } from '../api/shapes.ts';

export function attempt(over: Partial<AttemptRow> = {}): AttemptRow {
  return {
    n: 1, provider: 'practice-a', model: 'gpt-5-mini', outcome: 'ok', status: 200, first_token_ms: 620, total_ms: 1800,
    cost_usd: null, provider_request_id: null, detail: null, ...over,
  };
}

let made = 0;

export function row(over: Partial<RequestRow> = {}): RequestRow {
  made += 1;
  return {
    id: `01REQ${String(made).padStart(6, '0')}`, at: '2026-11-20T10:42:07Z', mode: 'real', tenant: 'acme', feature: 'support-bot',
    route: 'default', dialect: 'openai', endpoint: '/v1/chat/completions', stream: true, prompt_version: null,
    model_asked: 'gpt-5-mini', model: 'gpt-5-mini', provider: 'practice-a', served_by: 'primary', status: 200, outcome: 'ok',
    counted: 'good', cause: null, first_token_ms: 620, total_ms: 1800,
    tokens: { input: 12400, output: 356, cached: null, cache_write: null, reasoning: null },
    cost_usd: null, saved_usd: null, cache: 'off', degraded: null, attempts: [attempt()], ...over,
  };
}

/** Answered by the second provider after the first stayed silent. */
export function rescuedRow(over: Partial<RequestRow> = {}): RequestRow {
  return row({
    provider: 'practice-b', served_by: 'secondary', model: 'claude-haiku-4-5', first_token_ms: 2410, total_ms: 4870,
    attempts: [
      attempt({ outcome: 'first_token_timeout', status: null, first_token_ms: null, total_ms: 2000 }),
      attempt({ n: 2, provider: 'practice-b', model: 'claude-haiku-4-5', first_token_ms: 410, total_ms: 2870, provider_request_id: 'req_b7' }),
    ],
    ...over,
  });
}

export function failedRow(over: Partial<RequestRow> = {}): RequestRow {
  return row({
    provider: null, served_by: null, model: null, status: 502, outcome: 'connect', counted: 'bad', cause: 'provider_outage',
    first_token_ms: null, total_ms: 4120,
    tokens: { input: null, output: null, cached: null, cache_write: null, reasoning: null },
    attempts: [
      attempt({ outcome: 'server_error', status: 500, first_token_ms: null, total_ms: 120 }),
      attempt({ n: 2, provider: 'practice-b', outcome: 'connect', status: null, first_token_ms: null, total_ms: 2000 }),
    ],
    ...over,
  });
}

export function status(over: Partial<Status> = {}): Status {
  return {
    version: '0.1.0', listen: '127.0.0.1:9950', pid: 4121, kind: 'headless', uptime_s: 60, state: 'healthy', practice: false,
    offline: false, bypass: { on: false, source: null, since: null }, force: null, serving: 'openai',
    providers: [
      { name: 'openai', role: 'primary', dialects: ['openai'], key: 'ok', breakers: [] },
      { name: 'anthropic', role: 'secondary', dialects: ['anthropic'], key: 'ok', breakers: [] },
    ],
    slos: [], alerts: [], frozen: false, config_error: null, ledger_error: null, ...over,
  };
}

export function practiceStatus(over: Partial<Status> = {}): Status {
  return status({
    practice: true, serving: 'practice-a',
    providers: [
      { name: 'practice-a', role: 'primary', dialects: ['openai'], key: 'none', breakers: [] },
      { name: 'practice-b', role: 'secondary', dialects: ['anthropic'], key: 'none', breakers: [] },
    ],
    ...over,
  });
}

/** practice-a with a fault. */
export function faulty(fault: string): PracticeStatus {
  return {
    providers: [{ name: 'practice-a', dialect: 'openai', dialects: ['openai'], listen: '127.0.0.1:41001', fault, value: null, requests: 0 }],
  };
}

export function keyRow(over: Partial<KeyRow> = {}): KeyRow {
  return { provider: 'openai', source: 'keychain', last4: '4f2a', state: 'ok', replaceable: true, note: null, ...over };
}

export function configView(over: Partial<ConfigView> = {}): ConfigView {
  return { file: '/srv/evenkeel/evenkeel.toml', exists: true, effective: '', problems: [], config_error: null, ...over };
}

export function providerTest(over: Partial<ProviderTest> = {}): ProviderTest {
  return {
    name: 'openai', ok: true, ms: 640, error: null,
    steps: [
      { step: 'reached', ok: true, detail: null },
      { step: 'key_accepted', ok: true, detail: null },
      { step: 'answered', ok: true, detail: null },
    ],
    ...over,
  };
}

/** The provider was reached and refused the key. */
export function refusedTest(): ProviderTest {
  const error = 'HTTP 401 for gpt-5-mini. Its key is refused; check it.';
  return providerTest({
    ok: false, ms: 210, error,
    steps: [
      { step: 'reached', ok: true, detail: null },
      { step: 'key_accepted', ok: false, detail: error },
      { step: 'answered', ok: null, detail: null },
    ],
  });
}
