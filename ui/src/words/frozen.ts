/** What the banner of a freeze says: the router's own sentence, or with several frozen promises whose they are. */
import type { SloDocument } from '../api/shapes.ts';

export function frozenWords(document: SloDocument | null): string {
  const frozen = (document?.slos ?? []).filter((slo) => slo.frozen !== null);
  const [policy, ...others] = new Set(frozen.map((slo) => slo.words.policy));
  if (!policy) return 'Changes are frozen.';
  // By hand all of them freeze with the same words; used up, each has a day of its own.
  if (others.length === 0) return policy;
  return `Frozen: ${frozen.map((slo) => slo.name).join(', ')}. Rollback is free.`;
}
