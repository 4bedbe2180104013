import { expect, it } from 'vitest';
import { configView, keyRow, status } from '../test/samples.ts';
import { diagnostics } from './diagnostics.ts';

const now = new Date('2026-11-20T11:00:00Z');

it('carries state, modes and mistakes', () => {
  const config = configView({
    config_error: 'line 14: no such setting',
    problems: [{ severity: 'error', file: 'evenkeel.toml', line: 14, column: 1, key: 'routes[0].retrys', message: 'There is no setting “retrys”.', fix: 'Did you mean “retries”?' }],
  });
  const text = diagnostics(status({ force: 'anthropic' }), config, [keyRow()], 'Browser 1', now);
  expect(text).toContain('Evenkeel 0.1.0, 2026-11-20T11:00:00.000Z');
  expect(text).toContain('Modes: everything to anthropic');
  expect(text).toContain('Provider openai: primary, openai, key ok from keychain');
  expect(text).toContain('  error, line 14, routes[0].retrys: There is no setting “retrys”.');
  expect(text).toContain('The file is not in force');
});

it('carries nothing of a key, not even the four characters', () => {
  const text = diagnostics(status(), configView(), [keyRow({ last4: '4f2a', note: 'From OPENAI_API_KEY in the environment.' })], '', now);
  expect(text).not.toContain('4f2a');
});
