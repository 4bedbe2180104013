/** The admin API as functions. Throws `Unreachable`, `SignedOut` or `Refused`, and nothing else. */
import type {
  AlertList, AlertRow, AlertTest, ApiError, BypassStatus, CacheCleared, CacheStats, ChartView, ConfigView, EditConfig, Frozen, KeyList, KeyRow, PracticeStatus, ProviderTest, RequestDetail,
  RequestsPage, SloDocument, Status, TestRequest, ToolChange, ToolList,
} from './shapes.ts';
import type { Method, Transport } from './transport.ts';

export class Unreachable extends Error {}
export class SignedOut extends Error {}

/** The router answered, and said no. */
export class Refused extends Error {
  readonly status: number;
  readonly hint: string | null;
  /** The whole answer: some refusals say more. */
  readonly body: Partial<ApiError> | null;

  constructor(status: number, error: Partial<ApiError> | null) {
    super(error?.message ?? `The router answered ${status}.`);
    this.status = status;
    this.hint = error?.hint ?? null;
    this.body = error;
  }

  /** Message and hint as one or two sentences. */
  get sentence(): string {
    return this.hint ? `${this.message} ${this.hint}` : this.message;
  }
}

export interface RequestsQuery {
  limit: number;
  before?: string | null;
  failed?: boolean;
  tenant?: string | null;
}

export class Api {
  readonly transport: Transport;

  constructor(transport: Transport) {
    this.transport = transport;
  }

  status(): Promise<Status> {
    return this.#call('GET', '/api/status');
  }

  requests(query: RequestsQuery): Promise<RequestsPage> {
    const search = new URLSearchParams({ limit: String(query.limit) });
    if (query.before) search.set('before', query.before);
    if (query.failed) search.set('failed', 'true');
    if (query.tenant) search.set('tenant', query.tenant);
    return this.#call('GET', `/api/requests?${search}`);
  }

  request(id: string): Promise<RequestDetail> {
    return this.#call('GET', `/api/requests/${encodeURIComponent(id)}`);
  }

  /** How every promise stands, with its sentences. */
  slo(): Promise<SloDocument> {
    return this.#call('GET', '/api/slo');
  }

  /** One chart with its table; `null` from an older router. */
  chart(name: string, query: Record<string, string>): Promise<ChartView | null> {
    return this.#ifKnown(`/api/charts/${name}.json?${new URLSearchParams(query)}`);
  }

  alerts(): Promise<AlertList> {
    return this.#call('GET', '/api/alerts');
  }

  /** The incident on the screen was seen; one that has begun since then stays unseen. */
  acknowledge(id: string, incident: number | null): Promise<AlertRow> {
    return this.#call('POST', `/api/alerts/${encodeURIComponent(id)}/ack`, { incident });
  }

  /** One of each alert on every channel, marked as a test. */
  testAlerts(): Promise<AlertTest> {
    return this.#call('POST', '/api/alerts/test');
  }

  /** Lifts every freeze. */
  thaw(): Promise<Frozen> {
    return this.#call('POST', '/api/budget/thaw');
  }

  practice(): Promise<PracticeStatus> {
    return this.#call('GET', '/api/practice');
  }

  async setFault(provider: string, fault: string, value: string | null): Promise<void> {
    await this.#call('PUT', `/api/practice/${encodeURIComponent(provider)}`, { fault, value });
  }

  setBypass(on: boolean): Promise<BypassStatus> {
    return this.#call('PUT', '/api/bypass', { on });
  }

  /** Has nothing told until then; `null` ends a pause. */
  async pauseAlerts(until: string | null): Promise<void> {
    await this.#call('PUT', '/api/alerts/pause', { until });
  }

  /** Sends everything to this provider first; `null` leaves it to the routes again. */
  async setForce(provider: string | null): Promise<void> {
    await this.#call('PUT', '/api/force', { provider });
  }

  config(): Promise<ConfigView> {
    return this.#call('GET', '/api/config');
  }

  /** Changes settings in the file, or with `dry_run` only says whether it could. */
  editConfig(edit: EditConfig): Promise<ConfigView> {
    return this.#call('PATCH', '/api/config', edit);
  }

  /** Where each key comes from; `null` from a router that is older than this question. */
  keys(): Promise<KeyList | null> {
    return this.#ifKnown('/api/keys');
  }

  /** How the cache stands; `null` from an older router too. */
  cache(): Promise<CacheStats | null> {
    return this.#ifKnown('/api/cache');
  }

  clearCache(): Promise<CacheCleared> {
    return this.#call('DELETE', '/api/cache');
  }

  setKey(provider: string, key: string): Promise<KeyRow> {
    return this.#call('PUT', `/api/keys/${encodeURIComponent(provider)}`, { key });
  }

  removeKey(provider: string): Promise<KeyRow> {
    return this.#call('DELETE', `/api/keys/${encodeURIComponent(provider)}`);
  }

  /** One token from a provider, with a key that is not kept yet or with its own. */
  testProvider(name: string, key?: string): Promise<ProviderTest> {
    return this.#call('POST', `/api/providers/${encodeURIComponent(name)}/test`, key === undefined ? {} : { key });
  }

  /** Which tools there are and how they stand; `null` from an older router. */
  tools(): Promise<ToolList | null> {
    return this.#ifKnown('/api/tools');
  }

  /** Points a tool here or puts it back; dry, only says what would change. */
  changeTool(tool: string, to: 'connect' | 'disconnect', dry_run: boolean): Promise<ToolChange> {
    return this.#call('POST', `/api/tools/${encodeURIComponent(tool)}/${to}`, { dry_run });
  }

  /** One small request through the router, as a tool would send it. */
  testRequest(): Promise<TestRequest> {
    return this.#call('POST', '/api/test');
  }

  async #ifKnown<T>(path: string): Promise<T | null> {
    try {
      return await this.#call<T>('GET', path);
    } catch (error) {
      if (error instanceof Refused && error.status === 404) return null;
      throw error;
    }
  }

  async #call<T>(method: Method, path: string, body?: unknown): Promise<T> {
    let reply;
    try {
      reply = await this.transport.call(method, path, body);
    } catch {
      throw new Unreachable('The router does not answer.');
    }
    if (reply.status === 401) throw new SignedOut('No valid session.');
    if (reply.status >= 400) throw new Refused(reply.status, reply.body as Partial<ApiError> | null);
    // Something else may hold the port: a page in HTML is not our router.
    if (method === 'GET' && (typeof reply.body !== 'object' || reply.body === null)) {
      throw new Unreachable('Something other than the router answers.');
    }
    return reply.body as T;
  }
}
