/** The rows that the Requests screen has loaded, newest first: pages join at the end, fresh rows at the top. */
import type { Api } from '../api/client.ts';
import type { RequestRow, RequestsPage } from '../api/shapes.ts';
import { result } from '../words/request.ts';

export type Filter = 'all' | 'failed' | 'rescued' | 'not_counted';

export const PAGE = 200;
/** Beyond this many rows older ones are loaded only when asked for. */
export const AUTOMATIC = 10_000;

export class Ledger {
  rows: RequestRow[] = $state.raw([]);
  next: string | null = $state(null);
  filter: Filter = $state('all');
  tenant: string | null = $state(null);
  search: string = $state('');
  /** False until the first page of the present question is here. */
  loaded: boolean = $state(false);
  loadingOlder: boolean = $state(false);

  /** What matches tenant and search, however it ended: the chips count these, so that they agree with the list. */
  readonly matching: RequestRow[] = $derived(choose(this.rows, 'all', this.tenant, this.search));
  readonly shown: RequestRow[] = $derived(choose(this.rows, this.filter, this.tenant, this.search));
  /** These two look only at what is loaded; the router filters the others. */
  readonly partial: boolean = $derived(
    this.next !== null && (this.search.trim() !== '' || this.filter === 'rescued' || this.filter === 'not_counted'),
  );

  #api: Api;
  /** Answers to an earlier question are thrown away. */
  #question = 0;

  constructor(api: Api) {
    this.#api = api;
  }

  /** Fetches the newest page and joins it to what is loaded. */
  async head(): Promise<void> {
    const question = this.#question;
    const page = await this.#api.requests(this.#query());
    if (question !== this.#question) return;
    const joined = this.loaded ? join(page, this.rows, this.next) : page;
    this.rows = joined.requests;
    this.next = joined.next;
    this.loaded = true;
  }

  async older(): Promise<void> {
    if (this.next === null || this.loadingOlder) return;
    const question = this.#question;
    this.loadingOlder = true;
    try {
      const page = await this.#api.requests({ ...this.#query(), before: this.next });
      if (question !== this.#question) return;
      const known = new Set(this.rows.map((r) => r.id));
      this.rows = [...this.rows, ...page.requests.filter((r) => !known.has(r.id))];
      this.next = page.next;
    } finally {
      this.loadingOlder = false;
    }
  }

  /** Changes what is shown; true if the router must be asked again. */
  show(filter: Filter, tenant: string | null = this.tenant): boolean {
    const asks = (filter === 'failed') !== (this.filter === 'failed') || tenant !== this.tenant;
    this.filter = filter;
    this.tenant = tenant;
    if (asks) {
      this.#question += 1;
      this.loaded = false;
    }
    return asks;
  }

  #query() {
    return { limit: PAGE, failed: this.filter === 'failed', tenant: this.tenant };
  }
}

/**
 * The newest page and the older rows behind it. Without a shared row there may be a gap between them, so the older
 * ones go and are loaded again on the way down.
 */
export function join(page: RequestsPage, rows: RequestRow[], next: string | null): RequestsPage {
  const fresh = new Set(page.requests.map((r) => r.id));
  const meets = rows.some((r) => fresh.has(r.id));
  if (!meets || page.next === null) return page;
  return { requests: [...page.requests, ...rows.filter((r) => !fresh.has(r.id))], next };
}

/** The router has already filtered what it can; doing it here too keeps old rows from flashing up on a change. */
export function choose(rows: RequestRow[], filter: Filter, tenant: string | null, search: string): RequestRow[] {
  const needle = search.trim().toLowerCase();
  if (needle === '' && filter === 'all' && tenant === null) return rows;
  return rows.filter((r) => {
    if (filter !== 'all' && result(r).kind !== filter) return false;
    if (tenant !== null && r.tenant !== tenant) return false;
    return needle === '' || matches(r, needle);
  });
}

function matches(row: RequestRow, needle: string): boolean {
  return [row.id, row.tenant, row.feature, row.model, row.model_asked, row.provider, row.route].some(
    (text) => text?.toLowerCase().includes(needle) ?? false,
  );
}
