import assert from 'node:assert/strict';
import { InvalidReferenceError } from '../../../src/oci/errors';
import { formatReference, parseReference } from '../../../src/oci/reference';

const digest = `sha256:${'a'.repeat(64)}`;

describe('A reference', () => {
  for (const [text, expected] of [
    ['localhost:5000/a:b', { registry: 'localhost:5000', repository: 'a', tag: 'b' }],
    ['example.com/a/b-c/d_e.f', { registry: 'example.com', repository: 'a/b-c/d_e.f' }],
    ['[::1]:5000/a:1.0_x-Y', { registry: '[::1]:5000', repository: 'a', tag: '1.0_x-Y' }],
    [`r/a@${digest}`, { registry: 'r', repository: 'a', digest }],
    [`r/a:t@${digest}`, { registry: 'r', repository: 'a', tag: 't', digest }],
    ['r/a__b/c---d', { registry: 'r', repository: 'a__b/c---d' }],
    ['my_registry.internal_net:5000/a', { registry: 'my_registry.internal_net:5000', repository: 'a' }],
    ['[2001:DB8:0::1]/a', { registry: '[2001:DB8:0::1]', repository: 'a' }],
    ['Registry.Example/a', { registry: 'Registry.Example', repository: 'a' }],
  ] as const) {
    it(`is read from ${text.slice(0, 40)}, and written again`, () => {
      assert.deepEqual(parseReference(text), expected);
      assert.equal(formatReference(parseReference(text)), text);
    });
  }

  it('may be surrounded by blanks', () => {
    assert.equal(parseReference('  r/a:b \n').tag, 'b');
  });

  for (const [text, part, reason] of [
    ['', 'reference', /form registry\/repository/],
    ['alone', 'reference', /form registry\/repository/],
    ['/a', 'reference', /form registry\/repository/],
    ['https://r/a', 'registry', /written without https:\/\//],
    ['oci://r/a', 'registry', /written without oci:\/\//],
    ['256.1.1.1/a', 'registry', /neither a host name nor an address/],
    ['registry.123/a', 'registry', /neither a host name nor an address/],
    ['[1::2::3]/a', 'registry', /neither a host name nor an address/],
    ['010.0.0.1/a', 'registry', /stands for the address 8\.0\.0\.1/],
    ['0x7f.1:5000/a', 'registry', /stands for the address 127\.0\.0\.1/],
    ['1/a', 'registry', /stands for the address 0\.0\.0\.1/],
    ['127.1/a', 'registry', /stands for the address 127\.0\.0\.1/],
    ['r..x/a', 'registry', /host name/],
    ['r:0/a', 'registry', /port 0/],
    ['r:65536/a', 'registry', /port 65536/],
    ['r:x/a', 'registry', /host name/],
    ['r/', 'repository', /missing/],
    ['r/A/b', 'repository', /lower case: "A"/],
    ['r/a//b', 'repository', /empty path component/],
    ['r/a/../b', 'repository', /"\.\."/],
    ['r/a._b', 'repository', /"a\._b"/],
    ['r/-a', 'repository', /"-a"/],
    [`r/${'a'.repeat(256)}`, 'repository', /longer than 255/],
    ['r/a:', 'tag', /empty/],
    ['r/a:.x', 'tag', /"\.x"/],
    ['r/a:b:c', 'tag', /"b:c"/],
    [`r/a:${'t'.repeat(129)}`, 'tag', /at most 128/],
    ['r/a@', 'digest', /algorithm:hex/],
    ['r/a@sha256:abc', 'digest', /64 hex digits/],
    [`r/a@${digest}:t`, 'digest', /algorithm:hex/],
  ] as const) {
    it(`is not ${JSON.stringify(text).slice(0, 40)}: the ${part} is wrong`, () => {
      assert.throws(
        () => parseReference(text),
        (error) => error instanceof InvalidReferenceError && error.part === part && reason.test(error.reason),
      );
    });
  }
});
