/**
 * One card of settings while somebody changes it. What is typed stays here until Save; meanwhile the router says what
 * would be wrong with it, for the rules are its own. Nothing is written before Save, and then all of it or nothing.
 */
import { Refused } from '../api/client.ts';
import type { ConfigChange, ConfigRefusal, ConfigView, Meanwhile, Problem } from '../api/shapes.ts';
import type { Live } from '../state/live.svelte.ts';
import { type Kind, shown, typed } from './settings.ts';

/** Typing is checked when it pauses. */
export const PAUSE_MS = 300;

export class Editing {
  readonly #live: Live;
  readonly #view: () => ConfigView;
  #drafts: Record<string, { text: string; kind: Kind }> = $state.raw({});
  /** Changes that no field stands for. */
  #more: ConfigChange[] = $state.raw([]);
  /** The version that the first of them was made to. */
  #version: string | null = null;
  /** What the last save made of the version that the page shows until it has read the file again. */
  #made: { from: string; to: string } | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #turn = 0;

  problems: Problem[] = $state.raw([]);
  /** Why the whole was refused, where no field is to blame. */
  refusal: string | null = $state(null);
  /** What a frozen budget asks. */
  question: string | null = $state(null);
  meanwhile: Meanwhile | null = $state.raw(null);
  busy = $state(false);
  saved = $state(false);

  constructor(live: Live, view: () => ConfigView) {
    this.#live = live;
    this.#view = view;
  }

  text(path: string): string {
    return this.#drafts[path]?.text ?? shown(this.#view(), path);
  }

  type(path: string, text: string, kind: Kind): void {
    this.#begin();
    if (text === shown(this.#view(), path)) {
      const { [path]: _, ...others } = this.#drafts;
      this.#drafts = others;
    } else this.#drafts = { ...this.#drafts, [path]: { text, kind } };
    clearTimeout(this.#timer);
    if (this.dirty) this.#timer = setTimeout(() => void this.#check(), PAUSE_MS);
    else this.problems = [];
  }

  /** Makes these changes at once, with nothing typed beside them. */
  async make(changes: ConfigChange[]): Promise<boolean> {
    this.#begin();
    this.#more = changes;
    return this.save();
  }

  get dirty(): boolean {
    return Object.keys(this.#drafts).length > 0;
  }

  wrong(path: string): Problem | null {
    return this.problems.find((p) => p.key === path || p.key.startsWith(`${path}[`) || p.key.startsWith(`${path}.`)) ?? null;
  }

  /** Mistakes that none of the given fields shows. */
  others(paths: string[]): Problem[] {
    return this.problems.filter((p) => !paths.some((path) => this.wrong(path) === p));
  }

  cancel(): void {
    clearTimeout(this.#timer);
    this.#turn += 1;
    this.#drafts = {};
    this.#more = [];
    this.#version = null;
    this.problems = [];
    this.refusal = null;
    this.question = null;
    this.meanwhile = null;
    this.saved = false;
  }

  /** After a change by another hand: what was typed here is kept, and made to what is there now. */
  async reload(): Promise<void> {
    this.meanwhile = null;
    this.#version = null;
    await this.#live.refresh();
    this.#version = this.#view().version;
    if (this.dirty) await this.#check();
  }

  async save(reason?: string): Promise<boolean> {
    clearTimeout(this.#timer);
    this.busy = true;
    this.refusal = null;
    const written = await this.#send(false, reason);
    this.busy = false;
    if (written === null) return false;
    this.cancel();
    this.#made = { from: this.#view().version, to: written.version };
    this.saved = true;
    await this.#live.refresh();
    return true;
  }

  #begin(): void {
    const read = this.#view().version;
    // Whoever types at once must not be told that another hand changed the file: it was their own.
    this.#version ??= this.#made?.from === read ? this.#made.to : read;
    this.saved = false;
    this.refusal = null;
  }

  #changes(): ConfigChange[] {
    const drafts = Object.entries(this.#drafts).map(([path, { text, kind }]): ConfigChange => {
      const emptied = text.trim() === '' && kind === 'number';
      return emptied ? { op: 'unset', path } : { op: 'set', path, value: typed(text, kind) };
    });
    return [...drafts, ...this.#more];
  }

  async #check(): Promise<void> {
    this.#turn += 1;
    await this.#send(true);
  }

  async #send(dry: boolean, reason: string | undefined = undefined): Promise<ConfigView | null> {
    const turn = this.#turn;
    const edit = { version: dry ? null : this.#version, reason: reason ?? null, dry_run: dry, changes: this.#changes() };
    try {
      const view = await this.#live.api.editConfig(edit);
      if (turn === this.#turn) this.problems = [];
      return view;
    } catch (error) {
      if (turn === this.#turn) await this.#refused(error);
      return null;
    }
  }

  async #refused(error: unknown): Promise<void> {
    if (!(error instanceof Refused)) {
      this.refusal = 'The router does not answer. Nothing was changed.';
      await this.#live.ask(() => Promise.reject(error));
      return;
    }
    const said = (error.body ?? {}) as Partial<ConfigRefusal>;
    this.question = said.code === 'budget_frozen' ? error.message : null;
    this.meanwhile = said.meanwhile ?? null;
    this.problems = said.code === 'setting_invalid' ? (said.problems ?? []) : [];
    const told = this.question !== null || this.meanwhile !== null || this.problems.length > 0;
    this.refusal = told ? null : error.sentence;
  }
}
