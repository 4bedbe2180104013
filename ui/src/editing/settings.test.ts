import { describe, expect, it } from 'vitest';
import { configView } from '../test/samples.ts';
import { isWritten, key, providers, routes, shown, steps, typed } from './settings.ts';

describe('settings by their path', () => {
  it('reads paths as the router writes them', () => {
    expect(steps('routes[0].primary.model')).toEqual(['routes', '0', 'primary', 'model']);
    expect(steps('prices."my \\"own\\".model".input')).toEqual(['prices', 'my "own".model', 'input']);
    expect(key('my.host')).toBe('"my.host"');
    expect(steps(`providers.${key('my.host')}`)).toEqual(['providers', 'my.host']);
  });

  it('shows what holds, and nothing where there is nothing', () => {
    const view = configView();
    expect(shown(view, 'routes[0].first_token_timeout')).toBe('2s');
    expect(shown(view, 'guardrails.on_exceed')).toBe('truncate, reject');
    expect(shown(view, 'alerts.notices')).toBe('true');
    expect(shown(view, 'routes[7].nothing')).toBe('');
    expect(routes(view)[0]?.secondary?.model).toBe('claude-haiku-4-5');
    expect(providers(configView({ settings: {} }))).toEqual([]);
    expect([isWritten(view, 'routes[0].secondary'), isWritten(view, 'routes[0].primary')]).toEqual([true, false]);
  });

  it('takes a number for one, and leaves the rest to the router', () => {
    expect(typed(' 99.9 % ', 'number')).toBe(99.9);
    expect(typed('$0.05', 'number')).toBe(0.05);
    expect(typed('a lot', 'number')).toBe('a lot');
    expect(typed('', 'list')).toEqual([]);
    expect(typed('a, b', 'list')).toEqual(['a', 'b']);
    expect(typed('false', 'flag')).toBe(false);
    expect(typed('2', 'text')).toBe('2');
  });
});
