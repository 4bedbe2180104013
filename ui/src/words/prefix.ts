/** Whose a key is, by how it begins. A beginning that several vendors share says nothing. */
const BEGINNINGS: [RegExp, string][] = [
  [/^sk-ant-/, 'anthropic'],
  [/^sk-or-/, 'openrouter'],
  [/^sk-(proj|svcacct|admin)-/, 'openai'],
  [/^gsk_/, 'groq'],
  [/^xai-/, 'xai'],
  [/^AIza/, 'gemini'],
];

export function ownerOf(key: string): string | null {
  return BEGINNINGS.find(([beginning]) => beginning.test(key.trim()))?.[1] ?? null;
}
