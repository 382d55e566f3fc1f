import assert from 'node:assert/strict';
import { sameOrigin } from '../../../../src/targets/registry/sameOrigin';

describe('The address in a Location or Link header', () => {
  const cases: readonly [base: string, text: string, leads: boolean][] = [
    ['http://r.example/v2/', '/up/1', true],
    ['http://r.example:5000/v2/', 'https://r.example/up/1', true],
    ['http://r.example/v2/', 'https://r.example:8443/up/1', true],
    ['http://r.example/v2/', 'https://s.example/up/1', false],
    ['http://r.example/v2/', 'http://r.example:8080/up/1', false],
    ['https://r.example/v2/', 'http://r.example/up/1', false],
    ['https://r.example/v2/', 'https://r.example:8443/up/1', false],
    ['http://r.example/v2/', 'https://me@r.example/up/1', false],
  ];
  for (const [base, text, leads] of cases)
    it(`${leads ? 'leads' : 'does not lead'} from ${base} to ${text}`, () => {
      const find = () => sameOrigin(text, new URL(base), 'upload address').href;
      if (leads) assert.equal(find(), new URL(text, base).href);
      else assert.throws(find, { name: 'InvalidContentError' });
    });
});
