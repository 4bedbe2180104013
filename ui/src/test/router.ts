/** A router in memory, behind the same transport as the real one. */
import type {
  AlertRow, CacheStats, ChartView, ConfigView, KeyRow, LiveEvent, PracticeProvider, ProviderTest, RequestRow, SloReport, Status, TestedPage,
  TestRequest, ToolRow,
} from '../api/shapes.ts';
import type { LiveListener, Method, Reply, Transport } from '../api/transport.ts';
import { alert, cacheStats, configView, keyRow, promise, providerTest, status, testRequest, tool } from './samples.ts';

export class FakeRouter implements Transport {
  status: Status = status();
  rows: RequestRow[] = [];
  practice: PracticeProvider[] = [
    { name: 'practice-a', dialect: 'openai', dialects: ['openai', 'anthropic'], listen: '127.0.0.1:41001', fault: 'none', value: null, requests: 3 },
    { name: 'practice-b', dialect: 'anthropic', dialects: ['openai', 'anthropic'], listen: '127.0.0.1:41002', fault: 'none', value: null, requests: 0 },
  ];
  keys: KeyRow[] = [keyRow(), keyRow({ provider: 'anthropic', last4: 'c91e' })];
  config: ConfigView = configView();
  /** `null`: it knows of none. */
  cache: CacheStats | null = cacheStats();
  /** What a test of any provider comes to. */
  test: ProviderTest = providerTest();
  /** `null`: it knows of none. */
  tools: ToolRow[] | null = [
    tool(), tool({ tool: 'codex', name: 'Codex', found: false }),
    tool({ tool: 'cursor', name: 'Cursor', state: 'unsupported', file: null, note: 'Its requests come from its own servers.' }),
  ];
  /** What a change of a tool would show, and what it would leave. */
  diff = '--- a\n+++ b\n@@ -1,3 +1,4 @@\n {\n-  "old": 1\n+  "ANTHROPIC_BASE_URL": "http://127.0.0.1:9950"\n }\n';
  left: string[] = [];
  /** What a test request comes to. */
  asked: TestRequest = testRequest();
  slos: SloReport[] = [promise()];
  /** Those that fire are in the status too. */
  alerts: AlertRow[] = (['success', 'p95', 'cost'] as const).map((kind) => alert({ kind }));
  /** What comes of a test alert. */
  sent: TestedPage[] = [];
  /** What any chart is; `null`: the router is older than they are. */
  chart: ChartView | null = null;
  down = false;
  signedOut = false;
  /** Whatever is asked under this path, the router can't read. */
  broken: string | null = null;
  /** The next change is refused with this. */
  refuses: Reply | null = null;
  calls: { method: Method; path: string; body?: unknown }[] = [];
  listener: LiveListener | null = null;
  #events = 0;

  async call(method: Method, path: string, body?: unknown): Promise<Reply> {
    this.calls.push({ method, path, body });
    if (this.down) throw new TypeError('Failed to fetch');
    if (this.signedOut) return { status: 401, body: { code: 'unauthorized', message: 'No session.', hint: null } };
    if (method !== 'GET' && this.refuses) return this.refuses;
    if (this.broken !== null && path.startsWith(this.broken)) {
      return { status: 500, body: { code: 'store_failed', message: 'The figures can’t be read.', hint: null } };
    }
    const url = new URL(path, 'http://router');
    if (url.pathname === '/api/tools' && this.tools === null) {
      return { status: 404, body: { code: 'unknown_endpoint', message: 'There is no GET /api/tools.', hint: null } };
    }
    if (url.pathname === '/api/cache' && this.cache === null) {
      return { status: 404, body: { code: 'unknown_endpoint', message: 'There is no GET /api/cache.', hint: null } };
    }
    if (url.pathname.startsWith('/api/charts/')) return this.chart ? { status: 200, body: this.chart } : { status: 404, body: null };
    return { status: 200, body: this.#answer(method, url, body) };
  }

  #answer(method: Method, url: URL, body: unknown): unknown {
    if (url.pathname === '/api/status') return { ...this.status, alerts: this.alerts.filter((a) => a.state === 'firing') };
    if (url.pathname === '/api/slo') return { generated_at: '2026-11-20T14:32:00Z', book: 'real', slos: this.slos };
    if (url.pathname === '/api/alerts') return { alerts: this.alerts };
    if (url.pathname === '/api/alerts/test') return { sent: this.sent };
    if (url.pathname.endsWith('/ack')) return this.#acknowledge(decodeURIComponent(url.pathname.split('/').at(-2)!));
    if (url.pathname === '/api/budget/thaw') return this.#thaw();
    if (url.pathname === '/api/cache') return method === 'DELETE' ? this.#clear() : this.cache;
    if (url.pathname === '/api/tools') return { tools: this.tools };
    if (url.pathname.startsWith('/api/tools/')) return this.#changeTool(url.pathname, body as { dry_run: boolean });
    if (url.pathname === '/api/test') return this.asked;
    if (url.pathname === '/api/config') return this.config;
    if (url.pathname === '/api/keys') return { keys: this.keys };
    if (url.pathname.startsWith('/api/keys/')) return this.#keep(url.pathname.split('/').at(-1)!, body as { key: string } | undefined);
    if (url.pathname.endsWith('/test')) return this.test;
    if (url.pathname === '/api/practice') return { providers: this.practice };
    if (url.pathname === '/api/requests') return this.#page(url.searchParams);
    if (method === 'PUT' && url.pathname === '/api/bypass') {
      this.status = { ...this.status, bypass: { on: (body as { on: boolean }).on, source: null, since: null } };
      return this.status.bypass;
    }
    if (method === 'PUT' && url.pathname === '/api/force') {
      this.status = { ...this.status, force: (body as { provider: string | null }).provider };
      return this.status;
    }
    if (method === 'PUT' && url.pathname.startsWith('/api/practice/')) {
      const name = url.pathname.split('/').at(-1);
      this.practice = this.practice.map((p) => (p.name === name ? { ...p, ...(body as object) } : p));
      return {};
    }
    return this.rows.find((r) => url.pathname === `/api/requests/${r.id}`) ?? null;
  }

  #acknowledge(id: string): AlertRow | undefined {
    this.alerts = this.alerts.map((a) => (a.id === id ? { ...a, acknowledged: true } : a));
    return this.alerts.find((a) => a.id === id);
  }

  #thaw() {
    this.status = { ...this.status, frozen: false };
    this.slos = this.slos.map((slo) => ({ ...slo, frozen: null }));
    return { frozen: false };
  }

  #changeTool(path: string, { dry_run }: { dry_run: boolean }) {
    const [name, way] = path.split('/').slice(-2);
    const state: ToolRow['state'] = way === 'connect' ? 'connected' : 'not_connected';
    const since = way === 'connect' ? '2026-11-20T10:00:00Z' : null;
    if (!dry_run) this.tools = this.tools!.map((t) => (t.tool === name ? { ...t, state, since } : t));
    const row = this.tools!.find((t) => t.tool === name)!;
    return { tool: row.tool, name: row.name, state, applied: !dry_run, file: row.file, diff: this.diff, left: this.left, notes: [] };
  }

  #clear() {
    const removed = this.cache!.entries;
    this.cache = { ...this.cache!, entries: 0, bytes: 4096, oldest: null, would_have_hit: 0 };
    return { removed };
  }

  /** A key kept, or without one removed. */
  #keep(provider: string, body: { key: string } | undefined): KeyRow {
    const now: KeyRow = body
      ? keyRow({ provider, last4: body.key.slice(-4) })
      : keyRow({ provider, source: 'none', last4: null, state: 'missing', note: `Give it one: evenkeel key set ${provider}` });
    this.keys = this.keys.map((k) => (k.provider === provider ? now : k));
    const key = body ? 'ok' : 'missing';
    this.status = { ...this.status, providers: this.status.providers.map((p) => (p.name === provider ? { ...p, key } : p)) };
    return now;
  }

  #page(query: URLSearchParams) {
    const all = this.rows.filter((r) => {
      if (query.get('failed') === 'true' && r.counted !== 'bad') return false;
      return !query.has('tenant') || r.tenant === query.get('tenant');
    });
    const from = query.has('before') ? all.findIndex((r) => r.id === query.get('before')) + 1 : 0;
    const to = from + Number(query.get('limit'));
    return { requests: all.slice(from, to), next: to < all.length ? all[to - 1]!.id : null };
  }

  watch(listener: LiveListener): () => void {
    this.listener = listener;
    return () => (this.listener = null);
  }

  emit(kind: string, sentence: string, at = '2026-11-20T10:50:00Z'): void {
    this.#events += 1;
    const event: LiveEvent = { id: this.#events, at, kind, sentence, data: null };
    this.listener?.changed(event);
  }

  count(path: string): number {
    return this.calls.filter((c) => c.path.startsWith(path)).length;
  }
}
