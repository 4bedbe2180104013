/**
 * How the promises and their alerts stand. The banner of a freeze and Overview show the same document, so it is kept
 * here once, and two who ask at the same time are answered by one question to the router.
 */
import type { Api } from '../api/client.ts';
import type { AlertRow, SloDocument } from '../api/shapes.ts';

export class Promises {
  document: SloDocument | null = $state.raw(null);
  alerts: AlertRow[] = $state.raw([]);

  #api: Api;
  #reading: Promise<void> | null = null;

  constructor(api: Api) {
    this.#api = api;
  }

  read(): Promise<void> {
    this.#reading ??= this.#read().finally(() => (this.#reading = null));
    return this.#reading;
  }

  async #read(): Promise<void> {
    const [document, list] = await Promise.all([this.#api.slo(), this.#api.alerts()]);
    this.document = document;
    this.alerts = list.alerts;
  }
}
