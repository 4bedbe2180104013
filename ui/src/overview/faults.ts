/** What a practice provider can be told to do, in the words and with the values of `evenkeel practice fault`. */

export interface FaultChoice {
  fault: string;
  label: string;
  /** The value it starts with; `null` where it takes none. */
  value: string | null;
  /** What the value means, for its field. */
  unit: string | null;
}

/** These three have buttons. */
export const PLAIN: FaultChoice[] = [
  { fault: 'none', label: 'Answers', value: null, unit: null },
  { fault: 'down', label: 'Down', value: null, unit: null },
  { fault: 'hang', label: 'Hangs', value: null, unit: null },
];

export const OTHERS: FaultChoice[] = [
  { fault: 'slow', label: 'Slow', value: '3s', unit: 'Delay, like 3s' },
  { fault: 'flaky', label: 'Flaky', value: '0.3', unit: 'Share that fails, 0 to 1' },
  { fault: 'break-stream', label: 'Breaks streams', value: '5', unit: 'Chunks before the break' },
  { fault: 'overloaded', label: 'Overloaded', value: null, unit: null },
  { fault: 'rate-limited', label: 'Rate limited', value: null, unit: null },
  { fault: 'revoked', label: 'Refuses the key', value: null, unit: null },
  { fault: 'garbage', label: 'Sends garbage', value: null, unit: null },
  { fault: 'refuse', label: 'Refuses connections', value: null, unit: null },
];

export function choice(fault: string): FaultChoice {
  return [...PLAIN, ...OTHERS].find((c) => c.fault === fault) ?? { fault, label: fault, value: null, unit: null };
}

/** One request through the router with the key that `run` hands out. */
export const ASK =
  `evenkeel run -- sh -c 'curl -s "$OPENAI_BASE_URL/chat/completions" -H "authorization: Bearer $OPENAI_API_KEY"` +
  ` -H "content-type: application/json" -d "{\\"model\\":\\"gpt-5-mini\\",\\"messages\\":[{\\"role\\":\\"user\\",\\"content\\":\\"Hello\\"}]}"'`;
