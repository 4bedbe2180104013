/**
 * What the router says of itself, kept up to date: by its events, at most once a second, and not at all while nobody
 * looks. When the router goes away the last figures stay, with the time at which they were true.
 */
import { type Api, Refused, SignedOut, Unreachable } from '../api/client.ts';
import type { LiveEvent, Status } from '../api/shapes.ts';
import { remember } from './happenings.ts';

export type Phase = 'starting' | 'live' | 'unreachable' | 'signed_out';

/** Figures of one screen; fetched together with the status. */
export type Need = () => Promise<void>;

export const REFRESH_EVERY_MS = 1_000;
/** How often a router that went away is looked for. */
export const RETRY_MS = 3_000;

export class Live {
  readonly api: Api;
  status: Status | null = $state.raw(null);
  events: LiveEvent[] = $state.raw([]);
  phase: Phase = $state('starting');
  /** When the figures on the screen were last true. */
  asOf: Date | null = $state.raw(null);
  /** Why there are no fresh figures although the router answers, in its words. */
  problem: string | null = $state(null);
  /** Why the last click had no effect; stays until dismissed or the next click. */
  refusal: string | null = $state(null);

  readonly stale: boolean = $derived(this.phase === 'unreachable' && this.status !== null);

  #needs = new Set<Need>();
  #unwatch: (() => void) | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #last = -Infinity;
  #running = false;
  #again = false;

  constructor(api: Api) {
    this.api = api;
  }

  /** Keeps a screen's figures fresh until the returned function is called; fetches them at once. */
  need(need: Need): () => void {
    this.#needs.add(need);
    if (this.#unwatch) void this.refresh();
    return () => this.#needs.delete(need);
  }

  start(): () => void {
    const look = () => (document.hidden ? this.#pause() : this.#resume());
    document.addEventListener('visibilitychange', look);
    look();
    return () => {
      document.removeEventListener('visibilitychange', look);
      this.#pause();
    };
  }

  /** Fetches now; calls that come meanwhile are answered by one more round. */
  async refresh(): Promise<void> {
    if (this.#running) {
      this.#again = true;
      return;
    }
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#running = true;
    this.#last = performance.now();
    try {
      // One screen's trouble must not hide who serves: the status counts first, the rest is looked at after it.
      const [status, ...rest] = await Promise.allSettled([this.api.status(), ...[...this.#needs].map((need) => need())]);
      if (status.status === 'rejected') throw status.reason;
      this.status = status.value;
      this.asOf = new Date();
      this.phase = 'live';
      this.problem = null;
      // Signed in again in another tab: listen again too.
      if (!document.hidden) this.#listen();
      const failed = rest.find((r) => r.status === 'rejected');
      if (failed) throw failed.reason;
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#running = false;
    }
    if (this.#again) {
      this.#again = false;
      this.#soon();
    }
  }

  /** Does something at the router and shows what came of it. */
  async act(action: () => Promise<unknown>): Promise<void> {
    this.refusal = null;
    try {
      await action();
    } catch (error) {
      if (error instanceof Refused) this.refusal = error.sentence;
      else this.#failed(error);
      return;
    }
    await this.refresh();
  }

  /** Asks for something whose refusal belongs beside the button; `null` if there was no answer at all. */
  async ask<T>(action: () => Promise<T>): Promise<{ value: T } | { refusal: string } | null> {
    try {
      return { value: await action() };
    } catch (error) {
      if (error instanceof Refused) return { refusal: error.sentence };
      this.#failed(error);
      return null;
    }
  }

  #failed(error: unknown): void {
    if (error instanceof SignedOut) {
      this.phase = 'signed_out';
      // Asking again can't help until there is a session.
      this.#deafen();
    } else if (error instanceof Refused) {
      this.problem = error.sentence;
      if (this.phase === 'starting') this.phase = 'unreachable';
    } else if (error instanceof Unreachable) {
      this.phase = 'unreachable';
      this.#schedule(RETRY_MS);
    } else {
      throw error;
    }
  }

  #resume(): void {
    if (this.#unwatch) return;
    this.#listen();
    void this.refresh();
  }

  #pause(): void {
    this.#deafen();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #listen(): void {
    this.#unwatch ??= this.api.transport.watch({
      changed: (event) => {
        if (event) this.events = remember(this.events, event);
        this.#soon();
      },
      lost: () => this.#soon(),
      restored: () => this.#soon(),
    });
  }

  #deafen(): void {
    this.#unwatch?.();
    this.#unwatch = null;
  }

  #soon(): void {
    this.#schedule(Math.max(0, this.#last + REFRESH_EVERY_MS - performance.now()));
  }

  #schedule(waitMs: number): void {
    clearTimeout(this.#timer);
    if (!document.hidden) this.#timer = setTimeout(() => void this.refresh(), waitMs);
  }
}
