import { describe, expect, it } from 'vitest';
import { diffLines } from './tool.ts';
import { ownerOf } from './prefix.ts';

describe('a change of a tool', () => {
  it('is its lines, without the head that names the file', () => {
    expect(diffLines('--- a/x\n+++ b/x\n@@ -1 +1,2 @@\n {\n--- gone\n+new\n@@ -9 +9 @@\n }\n\\ No newline at end of file\n')).toEqual([
      { kind: 'same', text: '{' }, { kind: 'gone', text: '-- gone' }, { kind: 'new', text: 'new' }, { kind: 'gap', text: '…' }, { kind: 'same', text: '}' },
    ]);
    expect(diffLines('')).toEqual([]);
  });
});

describe('a key', () => {
  it('says whose it is only where its beginning is one vendor’s', () => {
    const owners = ['sk-ant-api03-x', ' sk-proj-x', 'sk-or-v1-x', 'gsk_x', 'xai-x', 'AIzaSy', 'sk-0123456789', ''].map(ownerOf);
    expect(owners).toEqual(['anthropic', 'openai', 'openrouter', 'groq', 'xai', 'gemini', null, null]);
  });
});
