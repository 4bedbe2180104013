/** Settings as the router answers them, read by their path. What is missing or of another kind is `null`, never a guess. */
import type { ConfigView } from '../api/shapes.ts';

/** `routes[0].primary.model` as its steps. */
export function steps(path: string): string[] {
  return [...path.matchAll(/"((?:[^"\\]|\\.)*)"|[^.[\]]+/g)].map((m) => m[1]?.replace(/\\(.)/g, '$1') ?? m[0]);
}

function at(from: unknown, path: string): unknown {
  return steps(path).reduce<unknown>((value, step) => (typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[step] : undefined), from);
}

/** A key as it stands in a path. */
export function key(name: string): string {
  return /^[\w-]+$/.test(name) ? name : JSON.stringify(name);
}

/** What holds, as a person would type it. */
export function shown(view: ConfigView, path: string): string {
  const value = at(view.settings, path);
  if (Array.isArray(value)) return value.join(', ');
  return value === undefined || value === null ? '' : String(value);
}

export interface Target {
  provider: string;
  model?: string;
}

export interface RouteSettings {
  name: string;
  models: string[];
  strategy: string;
  primary?: Target;
  secondary?: Target;
}

export function routes(view: ConfigView): RouteSettings[] {
  const list = at(view.settings, 'routes');
  return Array.isArray(list) ? (list as RouteSettings[]) : [];
}

export function promises(view: ConfigView): { name: string }[] {
  const list = at(view.settings, 'slo');
  return Array.isArray(list) ? (list as { name: string }[]) : [];
}

export function providers(view: ConfigView): string[] {
  const table = at(view.settings, 'providers');
  return typeof table === 'object' && table !== null ? Object.keys(table) : [];
}

/** Whether the file itself says so, or a default holds. */
export function isWritten(view: ConfigView, path: string): boolean {
  return at(view.written, path) !== undefined;
}

export type Kind = 'text' | 'number' | 'list' | 'flag';

/** What was typed, as a value of the file. What is no number stays text, and the router says what is wrong with it. */
export function typed(text: string, kind: Kind): unknown {
  const trimmed = text.trim();
  if (kind === 'flag') return trimmed === 'true';
  if (kind === 'list') return trimmed === '' ? [] : trimmed.split(',').map((item) => item.trim());
  if (kind === 'number') {
    const number = trimmed.replace(/^\$/, '').replace(/ ?%$/, '');
    return /^-?\d+(\.\d+)?$/.test(number) ? Number(number) : trimmed;
  }
  return trimmed;
}
