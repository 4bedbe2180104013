import { expect, it } from 'vitest';
import { row } from '../test/samples.ts';
import { csv } from './csv.ts';

const parse = (text: string) => text.trimEnd().split('\r\n');

it('writes one line a request, with a head, and nothing for an unknown', () => {
  const [head, line] = parse(csv([row({ id: 'r1', feature: null })]));
  expect(head).toMatch(/^id,at,mode,tenant,feature,/);
  expect(line).toMatch(/^r1,2026-11-20T10:42:07Z,real,acme,,default,/);
});

it('quotes what would break a line and disarms formulas', () => {
  const text = csv([row({ feature: '=HYPERLINK("http://evil.example")', tenant: 'a,b\nc' })]);
  expect(text).toContain(`"'=HYPERLINK(""http://evil.example"")"`);
  expect(text).toContain('"a,b\nc"');
});
