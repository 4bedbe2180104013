/**
 * One item of a list that is asked about before it goes: a pair of models, a promise. The question names it; the
 * keyboard stands on the answer that changes nothing, and goes back to where it came from.
 */
import { tick } from 'svelte';
import type { ConfigView } from '../api/shapes.ts';
import type { Live } from '../state/live.svelte.ts';
import { Editing } from './editing.svelte.ts';

export class Removal {
  readonly editing: Editing;
  readonly #list: string;
  /** The item that is asked about, by its place. */
  asks: number | null = $state(null);
  /** What the list and its buttons stand in; each button says its place in `data-remove`. */
  box: HTMLElement | undefined = $state();
  keep: HTMLButtonElement | undefined = $state();

  /** `list`: the name of the list in the file. */
  constructor(list: string, live: Live, view: () => ConfigView) {
    this.#list = list;
    this.editing = new Editing(live, view);
  }

  async ask(index: number): Promise<void> {
    this.editing.cancel();
    this.asks = index;
    await tick();
    this.keep?.focus();
  }

  async leave(): Promise<void> {
    const from = this.asks;
    this.asks = null;
    this.editing.cancel();
    await tick();
    this.box?.querySelector<HTMLButtonElement>(`[data-remove="${from}"]`)?.focus();
  }

  /** Whether it is gone; what was refused is still asked about. */
  async remove(): Promise<boolean> {
    if (this.asks === null || !(await this.editing.make([{ op: 'unset', path: `${this.#list}[${this.asks}]` }]))) return false;
    this.asks = null;
    await tick();
    return true;
  }
}
