/**
 * Types of evenkeel-sw.js, which a web app loads into its own service worker: `importScripts('/evenkeel-sw.js')` in a
 * classic worker, `import '/evenkeel-sw.js'` in a module worker. Both leave one global behind, `evenkeel`.
 */

export interface OfflineOptions {
  /**
   * The addresses whose answers are kept, each with everything below it: `/v1/chat/completions` on the app's own
   * origin, `https://ai.example.com/v1/messages` on another.
   */
  paths: string[];
  /** Part of the key, so that a new prompt never meets an old answer. A request's `x-evenkeel-prompt-version` wins. */
  promptVersion?: string;
  /** The most that is kept, in bytes; what was used least recently goes first. 25 MiB if left out. */
  maxBytes?: number;
  /** An older answer is not given any more. Thirty days if left out. */
  maxAgeSeconds?: number;
  /**
   * Request headers that say whose question it is; they are part of the key, and kept only as a part of its hash.
   * `authorization` and `x-api-key` if left out. A request with none of them is left alone, unless `shared` is set.
   */
  separateBy?: string[];
  /** Keeps requests that don't say whose they are too: for answers that everybody who uses this browser may see. */
  shared?: boolean;
  /** Statuses that count as a failed network, such as 502, 503 and 504. None if left out. */
  fallbackOn?: number[];
  /** The line that ends a whole event stream, where it is not one of OpenAI's or Anthropic's. Needs the flag `m`. */
  streamEnd?: RegExp;
  /** Keeps Evenkeel's practice answers too: for trying it out. */
  practice?: boolean;
}

/** What the worker posts to the page that asked. */
export type OfflineMessage =
  /** An answer from earlier was given, for the network failed. */
  | { type: 'evenkeel-offline'; event: 'served'; method: string; url: string; ageSeconds: number }
  /** The device has no room, or keeps nothing for this site; the page has its answer, and none is kept for a while. */
  | { type: 'evenkeel-offline'; event: 'not-kept'; reason: 'quota' | 'storage' };

declare global {
  var evenkeel: {
    /** Call it once, while the worker's script runs first. @throws TypeError that names the option that is wrong. */
    offline(options: OfflineOptions): void;
  };
}
