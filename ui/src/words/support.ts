/** A request as text for a support ticket: ids, times and outcomes, and never a word of prompt or answer. */
import type { RequestRow } from '../api/shapes.ts';
import { seconds, tokens } from './format.ts';
import { attemptWords, clientSaw, result } from './request.ts';

export function supportText(row: RequestRow, version: string): string {
  const lines = [
    `Evenkeel ${version}, request ${row.id}`,
    `${row.at} · ${row.endpoint} · ${row.stream ? 'streamed' : 'not streamed'} · ${row.mode}`,
    `Model asked ${row.model_asked ?? 'unknown'}, answered ${row.model ?? 'none'}`,
    `Status ${row.status}, outcome ${row.outcome}, ${result(row).word.toLowerCase()}`,
    clientSaw(row),
    `First byte ${seconds(row.first_token_ms)}, total ${seconds(row.total_ms)}, tokens in ${tokens(row.tokens.input)}, out ${tokens(row.tokens.output)}`,
    'Attempts',
    ...row.attempts.map((a) => {
      const id = a.provider_request_id ? `, provider’s id ${a.provider_request_id}` : '';
      return `${a.n}. ${a.provider}, ${a.model ?? 'model unknown'}: ${attemptWords(a, row)}, ${seconds(a.total_ms)}${id}`;
    }),
  ];
  return `${lines.join('\n')}\n`;
}
