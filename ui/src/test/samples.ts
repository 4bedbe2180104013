/** Documents as the router answers them, to be varied by each test. */
import type { AlertRow, AttemptRow, CacheStats, ConfigView, KeyRow, PracticeStatus, ProviderTest, RequestRow, SloReport, Status, TestRequest, Tile, ToolRow } from '../api/shapes.ts';

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
    offline: false, network: { state: 'online', since: null, reason: null, saved_answers: 0, failed: 0 }, bypass: { on: false, source: null, since: null }, force: null, serving: 'openai',
    providers: [
      { name: 'openai', role: 'primary', dialects: ['openai'], key: 'ok', breakers: [] },
      { name: 'anthropic', role: 'secondary', dialects: ['anthropic'], key: 'ok', breakers: [] },
    ],
    slos: [], burn: null, alerts: [], alert_error: null, alerts_paused_until: null, frozen: false, config_error: null, ledger_error: null, ...over,
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
  return {
    file: '/srv/evenkeel/evenkeel.toml', exists: true, effective: '', problems: [], config_error: null, version: 'v1',
    settings: {
      providers: { openai: {}, anthropic: {} },
      routes: [
        {
          name: 'default', models: ['*'], strategy: 'ordered', primary: { provider: 'openai', weight: 9 },
          secondary: { provider: 'anthropic', weight: 1, model: 'claude-haiku-4-5' }, retries: 1, connect_timeout: '2s',
          first_token_timeout: '2s', last_first_token_timeout: '60s', slow_first_token_timeout: '60s', idle_timeout: '30s', total_timeout: '10m',
        },
      ],
      guardrails: { max_cost_per_request: 0, max_cost_per_day: 0, max_cost_per_month: 0, max_input_tokens: 0, max_output_tokens: 0, on_unpriced: 'allow', on_exceed: ['truncate', 'reject'] },
      slo: [{ name: 'Everything', success: 99.5, p95: '2.5s', latency: 'first_byte', cost: 0.015, window: '30d' }],
      alerts: { sensitivity: 'standard', success_hold: '5m', p95_hold: '15m', cost_hold: '15m', quiet_hours: '', webhook: '', notices: true },
      cache: { serve: 'on_failure', fresh_for: '1h', keep_for: '30d', max_size: '512MiB' },
    },
    written: { providers: { openai: {}, anthropic: {} }, routes: [{ secondary: { provider: 'anthropic', model: 'claude-haiku-4-5' } }] },
    presets: [
      { name: 'openai', dialect: 'openai', base_url: 'https://api.openai.com/v1', keyless: false },
      { name: 'groq', dialect: 'openai', base_url: 'https://api.groq.com/openai/v1', keyless: false },
    ],
    ...over,
  };
}

/** A cache that has been there for a month, and could give more. */
export function cacheStats(over: Partial<CacheStats> = {}): CacheStats {
  return {
    backend: 'sqlite', serve: 'on_failure', reachable: true, trouble: null, last_trouble: null, entries: 1204, bytes: 45 * 2 ** 20,
    max_bytes: 512 * 2 ** 20, oldest: '2026-11-02T08:00:00Z', book: 'real', since: '2026-10-21T14:32:00Z', hits: 30, stale_hits: 12,
    misses: 126, hit_rate_percent: 25, saved_usd: 0.412, would_have_hit: 318, would_have_saved_usd: 1.15, dropped: 0, ...over,
  };
}

export function tool(over: Partial<ToolRow> = {}): ToolRow {
  return { tool: 'claude-code', name: 'Claude Code', found: true, state: 'not_connected', file: '/srv/me/.claude/settings.json', since: null, note: null, ...over };
}

export function testRequest(over: Partial<TestRequest> = {}): TestRequest {
  return {
    ok: true, status: 200, request: '01TEST000001', provider: 'openai', model: 'gpt-5-mini', served_by: 'primary', attempts: 1, ms: 640,
    cost_usd: 0.000012, error: null, ...over,
  };
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

function tile(over: Partial<Tile>): Tile {
  return { state: 'Kept', value: '', target: '', left: '', standing: 'Healthy', note: null, ...over };
}

/** A promise with a month of requests behind it, kept. */
export function promise(over: Partial<SloReport> = {}): SloReport {
  return {
    name: 'Everything', tenant: null, feature: null,
    window: { from: '2026-10-21T14:32:00Z', to: '2026-11-20T14:32:00Z' }, coverage: { observed_h: 312, window_h: 720 }, n: 8412,
    success: {
      target_percent: 99.5, good: 8388, bad: 24, rate_percent: 99.71, low_percent: null, high_percent: null, allowed: 42, left: 18,
      burn_1h: 0, burn_6h: 0.4, policy: 'watch', met: true, needed: 600, burn_colour: 'calm',
    },
    latency: { basis: 'first_byte', target_ms: 2500, n: 8388, slow: 183, p95_ms: 2020, allowed: 419, left: 236, met: true, standing: 'healthy' },
    cost: {
      target_usd: 0.015, total_usd: 61.4, average_usd: 0.0073, unpriced: 0, left_usd: 64.78, allowed_usd: 126.18, met: true, standing: 'healthy',
    },
    rescued: 96, cached: 404, without_cache: { p95_ms: 2090, average_usd: 0.0077 }, not_counted: { invalid: 14, cancelled: 0, policy: 0 },
    spend: [{ cause: 'provider_outage', bad: 19 }, { cause: 'deploy', bad: 5 }],
    forecast: { exhausted_from: '2026-11-28T00:00:00Z', exhausted_to: '2026-12-06T00:00:00Z', recovers: null },
    sentence: 'All three promises kept.', met: true, frozen: null,
    entries: [
      { cause: 'deploy', from: '2026-11-19T16:05:00Z', to: '2026-11-19T16:09:00Z', bad: 5, note: 'new prompt for Invoice reader' },
      { cause: 'provider_outage', from: '2026-11-06T10:42:00Z', to: '2026-11-06T10:56:00Z', bad: 19, note: null },
    ],
    older_entries: { entries: 0, bad: 0 }, changes: [],
    words: {
      verdict: 'All three promises kept.',
      lede: 'You can still afford 18 failed requests. 8,412 requests in 30 days, observed 312 of 720 h.',
      saved: '4.8 % were saved answers; without them p95 is 2.09 s and a request costs $0.0077.',
      basis: '8,412 requests in 30 days, observed 312 of 720 h.',
      tray: '99.71 % answered · 18 failures left',
      budget: 'You can still afford 18 failed requests.',
      forecast: 'At this pace gone 28 Nov – 6 Dec.',
      policy: null,
      not_counted: 'Not counted: 14 wrong in themselves.',
      success: tile({ value: '99.71 %', target: 'target 99.5 %', left: '18 of 42 failures left', standing: 'Watch' }),
      latency: tile({ value: '2.02 s', target: 'target 2.5 s', left: '236 of 419 slow left' }),
      cost: tile({ value: '$0.0073', target: 'target $0.015', left: '$64.78 of $126.18 left' }),
    },
    ...over,
  };
}

/** The same promise after two requests. */
export function earlyPromise(over: Partial<SloReport> = {}): SloReport {
  const kept = promise();
  const early = (target: string, left: string, note: string) =>
    tile({ state: 'Too few', value: '–', target, left, standing: 'Advisory', note });
  return promise({
    n: 2, met: null, rescued: 0, cached: 0, spend: [], forecast: null, entries: [],
    success: { ...kept.success, good: 2, bad: 0, rate_percent: 100, low_percent: 34.23, high_percent: 100, allowed: 0, left: 0, met: null },
    latency: { ...kept.latency, n: 2, slow: 0, p95_ms: 620, allowed: 0, left: 0, met: null, standing: 'advisory' },
    cost: { ...kept.cost, total_usd: 0, average_usd: null, left_usd: 0, allowed_usd: 0, met: null, standing: 'advisory' },
    words: {
      ...kept.words, verdict: 'Too early to say. 2 requests so far.',
      lede: 'About 600 are needed to judge 99.5 %. 2 requests in 30 days, observed 5 min of 30 d.',
      basis: '2 requests in 30 days, observed 5 min of 30 d.', saved: null, tray: '2 requests so far',
      budget: 'Too early to say. 2 requests so far.', forecast: 'Too little data for a forecast: 2 requests in the last day, 0 failed.',
      policy: 'Under 400 requests nothing freezes by itself.', not_counted: null,
      success: early('target 99.5 %', 'none allowed yet', '2 of 2 answered, likely 34.23 % or more'),
      latency: early('target 2.5 s', 'none allowed yet', '2 of about 60 needed'),
      cost: tile({ state: 'None yet', value: '–', target: 'target $0.015', left: '–', standing: 'Advisory' }),
    },
    ...over,
  });
}

export function alert(over: Partial<AlertRow> = {}): AlertRow {
  const kind = over.kind ?? 'success';
  const slo = over.slo ?? 'Everything';
  return {
    id: `${kind}:${slo}`, kind, slo, state: 'inactive', since: '2026-11-20T14:00:00Z', incident: null, acknowledged: false,
    sentence: '0 of 42 failed in 15 min: 100.00 % answered, promised 99.5 %.', ...over,
  };
}

export function firingAlert(over: Partial<AlertRow> = {}): AlertRow {
  return alert({
    state: 'firing', incident: 7, sentence: '12 of 30 failed in 5 min: 60.00 % answered, promised 99.5 %, broken since 14:18.', ...over,
  });
}
