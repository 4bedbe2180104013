/** The loaded rows as CSV (RFC 4180). */
import type { RequestRow } from '../api/shapes.ts';

type Cell = string | number | boolean | null;

const COLUMNS: [string, (r: RequestRow) => Cell][] = [
  ['id', (r) => r.id], ['at', (r) => r.at], ['mode', (r) => r.mode], ['tenant', (r) => r.tenant], ['feature', (r) => r.feature],
  ['route', (r) => r.route], ['dialect', (r) => r.dialect], ['endpoint', (r) => r.endpoint], ['stream', (r) => r.stream],
  ['prompt_version', (r) => r.prompt_version], ['model_asked', (r) => r.model_asked], ['model', (r) => r.model],
  ['provider', (r) => r.provider], ['served_by', (r) => r.served_by], ['status', (r) => r.status], ['outcome', (r) => r.outcome],
  ['counted', (r) => r.counted], ['cause', (r) => r.cause], ['first_token_ms', (r) => r.first_token_ms], ['total_ms', (r) => r.total_ms],
  ['input_tokens', (r) => r.tokens.input], ['output_tokens', (r) => r.tokens.output], ['cached_tokens', (r) => r.tokens.cached],
  ['cache_write_tokens', (r) => r.tokens.cache_write], ['reasoning_tokens', (r) => r.tokens.reasoning],
  ['cost_usd', (r) => r.cost_usd], ['saved_usd', (r) => r.saved_usd], ['cache', (r) => r.cache], ['degraded', (r) => r.degraded],
  ['attempts', (r) => r.attempts.length],
];

export function csv(rows: RequestRow[]): string {
  const lines = [COLUMNS.map(([name]) => name).join(',')];
  for (const row of rows) lines.push(COLUMNS.map(([, pick]) => cell(pick(row))).join(','));
  return `${lines.join('\r\n')}\r\n`;
}

function cell(value: Cell): string {
  if (value === null) return '';
  if (typeof value !== 'string') return String(value);
  // Tags come from requests: a spreadsheet must not run one as a formula.
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
