/** One request in words: how it ended, what the client saw, how it counts. */
import type { AttemptRow, RequestRow } from '../api/shapes.ts';
import { dollars, seconds } from './format.ts';
import type { Tone } from './tone.ts';

export type ResultKind = 'good' | 'rescued' | 'failed' | 'not_counted';

export interface Result {
  kind: ResultKind;
  word: string;
  tone: Tone;
}

const RESULTS: Record<ResultKind, Result> = {
  good: { kind: 'good', word: 'Good', tone: 'kept' },
  rescued: { kind: 'rescued', word: 'Rescued', tone: 'switched' },
  failed: { kind: 'failed', word: 'Failed', tone: 'broken' },
  not_counted: { kind: 'not_counted', word: 'Not counted', tone: 'off' },
};

const failedAttempts = (row: RequestRow) => row.attempts.filter((a) => a.outcome !== 'ok' && a.outcome !== 'cancelled');

/** Answered although an attempt failed. */
export function rescued(row: RequestRow): boolean {
  return row.counted === 'good' && failedAttempts(row).length > 0;
}

export function result(row: RequestRow): Result {
  if (row.counted === 'bad') return RESULTS.failed;
  if (row.counted === 'no') return RESULTS.not_counted;
  return rescued(row) ? RESULTS.rescued : RESULTS.good;
}

/** Who asked: the feature where one is tagged, else the tenant. */
export function service(row: RequestRow): string {
  return row.feature ?? row.tenant;
}

/** Who answered, as the ledger's column says it. */
export function answeredBy(row: RequestRow): string {
  if (row.served_by === 'cache') return 'saved';
  // A failed row names the provider that was asked last; nobody answered.
  const nobody = row.counted === 'bad' && row.status >= 400;
  return nobody ? 'none' : (row.provider ?? 'none');
}

type AttemptWords = (a: AttemptRow) => string;

const ATTEMPT: Record<string, AttemptWords> = {
  ok: (a) => (a.first_token_ms === null ? `answered in ${seconds(a.total_ms)}` : `first byte after ${seconds(a.first_token_ms)}`),
  connect: () => 'could not be reached',
  first_token_timeout: (a) => `silent for ${seconds(a.total_ms)}`,
  bad_request: () => 'refused the request',
  unserved: () => 'doesn’t have the model',
  credentials: () => 'refused the key',
  billing: () => 'out of credit',
  rate_limited: () => 'rate limited',
  overloaded: () => 'overloaded',
  server_error: () => 'answered with an error',
  malformed: () => 'unreadable answer',
  stream_error_early: () => 'error before the first word',
  broken_stream: (a) => `broke off after ${seconds(a.total_ms)}`,
  cancelled: () => 'client hung up',
  deadline: () => 'ran out of time',
};

/** `overloaded (529)`: what one attempt came to; the answer's first byte is timed as the client waited for it. */
export function attemptWords(attempt: AttemptRow, row: RequestRow): string {
  if (attempt.outcome === 'ok' && row.first_token_ms !== null) return `first byte at ${seconds(row.first_token_ms)}`;
  const words = ATTEMPT[attempt.outcome]?.(attempt) ?? attempt.outcome.replaceAll('_', ' ');
  const status = attempt.status !== null && attempt.status >= 400 ? ` (${attempt.status})` : '';
  return words + status;
}

const WHY: Record<string, string> = {
  connect: 'could not be reached', first_token_timeout: 'stopped answering', credentials: 'refused the key',
  billing: 'is out of credit', rate_limited: 'is rate limited', overloaded: 'is overloaded',
  malformed: 'sent unreadable answers', broken_stream: 'broke off its answers', unserved: 'doesn’t have the model',
  server_error: 'answered with errors', stream_error_early: 'answered with errors',
};

/** Why a provider was left, as a sentence of its own: `OpenAI answered with errors.` */
export function blame(provider: string, outcome: string): string {
  return `${provider} ${WHY[outcome] ?? 'answered with errors'}.`;
}

/** Why a provider rests, behind its name: `it answered with errors`. What is no outcome is told as it came. */
export function fault(reason: string): string {
  return WHY[reason] ? `it ${WHY[reason]}` : reason.replaceAll('_', ' ');
}

/**
 * Why an error came, by the router's own code, or by how the last attempt ended where providers were asked: the router
 * answers 503 and 504 only if all ended alike, and 502 for any mixture.
 */
const ERRORS: Record<string, string> = {
  invalid_request: 'the request could not be read', bad_request: 'the provider refused the request itself',
  invalid_local_key: 'no valid local key', forbidden_origin: 'this origin is not allowed',
  unknown_endpoint: 'no such endpoint', no_route: 'no route matches', model_not_served: 'no provider has the model',
  unserved: 'no provider has the model', request_too_large: 'the body is too large',
  untranslatable: 'the other dialect can’t express it', over_budget: 'a guardrail refused the cost',
  rate_limited: 'every provider is rate limited', internal_error: 'a fault in Evenkeel',
  providers_failed: 'every provider failed', providers_overloaded: 'every provider is overloaded',
  unreachable: 'no provider could be reached', offline: 'no network', no_provider: 'no provider is set up',
  shutting_down: 'Evenkeel was stopping', first_token_timeout: 'no provider began in time',
  deadline_exceeded: 'the time was over', deadline: 'the time was over',
  connect: 'no provider could be reached', overloaded: 'every provider is overloaded', credentials: 'the provider refused the key',
  billing: 'out of credit at the provider', server_error: 'the provider answered with an error', malformed: 'the provider’s answer was unreadable',
};

/** What arrived at the tool that asked. */
export function clientSaw(row: RequestRow): string {
  const after = seconds(row.total_ms);
  if (row.outcome === 'cancelled') return `Your client hung up after ${after}.`;
  if (row.outcome === 'broken_stream' || row.outcome === 'broken') {
    return `The beginning of an answer, then an error event after ${after}.`;
  }
  if (row.status >= 400) {
    const why = row.status === 502 ? ERRORS.providers_failed : ERRORS[row.outcome];
    return `Error ${row.status} after ${after}${why ? `: ${why}` : ''}.`;
  }
  if (row.served_by === 'cache') return `A saved answer after ${after}.`;
  if (!row.model) return `A complete answer after ${after}.`;
  const asked = row.model_asked && row.model_asked !== row.model ? ` for ${row.model_asked}` : '';
  return `A complete answer after ${after}, written by ${row.model}${asked}.`;
}

const CAUSES: Record<string, string> = {
  provider_outage: 'provider outage', rate_limit: 'rate limit', account: 'your account at the provider',
  deploy: 'a deploy you declared', experiment: 'an experiment you declared', drill: 'drill',
  own_network: 'your own network', router: 'Evenkeel itself', unknown: 'not known',
};

export interface Count {
  tone: Tone;
  strong: string | null;
  rest: string;
}

/** How a request counts, line by line, with the reason. */
export function counts(row: RequestRow): Count[] {
  const failed = failedAttempts(row);
  const lines = [success(row, failed.length > 0)];
  if (row.first_token_ms !== null && row.counted !== 'no') {
    const lost = rescued(row) && failed[0] ? `, with the time lost at ${failed[0].provider}` : '';
    lines.push({ tone: 'off', strong: `${seconds(row.first_token_ms)}`, rest: ` to the first byte${lost}.` });
  }
  const used = row.tokens.input !== null || row.tokens.output !== null;
  if (row.cost_usd !== null) lines.push({ tone: 'kept', strong: `${dollars(row.cost_usd)}.`, rest: '' });
  else if (used) lines.push({ tone: 'off', strong: null, rest: 'Cost not known: no price for this model.' });
  for (const [provider, n] of tally(failed)) {
    lines.push({ tone: 'off', strong: null, rest: `${provider}’s own record: ${n === 1 ? 'one failure' : `${n} failures`}.` });
  }
  if (row.mode === 'practice') lines.push({ tone: 'off', strong: null, rest: 'Practice: kept in its own book.' });
  return lines;
}

function success(row: RequestRow, anyFailed: boolean): Count {
  if (row.counted === 'good') {
    return {
      tone: 'kept',
      strong: 'Answered.',
      rest: anyFailed ? ' A failed attempt that was rescued is not a failure.' : '',
    };
  }
  if (row.counted === 'bad') {
    const cause = row.cause ? CAUSES[row.cause] : undefined;
    return { tone: 'broken', strong: 'Failed.', rest: cause ? ` Cause: ${cause}.` : '' };
  }
  return { tone: 'off', strong: 'Not counted.', rest: ` ${whyNot(row)}` };
}

function whyNot(row: RequestRow): string {
  if (row.mode === 'drill') return 'A drill’s test request.';
  if (row.outcome === 'cancelled') return 'The client hung up early.';
  if (row.outcome === 'over_budget' || row.outcome === 'policy') return 'A guardrail refused it.';
  return row.status >= 400 ? 'The request itself was wrong.' : 'It is no request for an answer.';
}

function tally(attempts: AttemptRow[]): Map<string, number> {
  const seen = new Map<string, number>();
  for (const a of attempts) seen.set(a.provider, (seen.get(a.provider) ?? 0) + 1);
  return seen;
}
