import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { digestOf } from '../../src/oci/digest';
import { bytesContent } from '../../src/operations/bytesContent';
import { Registry } from '../../src/targets/registry/registry';
import { startDockerRegistry, type DockerRegistry } from '../support/dockerRegistry';
import { peerOrSkip } from '../support/peers';
import { startSlowProxy, type SlowProxy } from '../support/slowProxy';
import { testTransport } from '../support/testTransport';

const SIZE_BYTES = 64 * 1024 * 1024;

describe('A registry far away, each of whose connections is slow', () => {
  let registry: DockerRegistry;
  let proxy: SlowProxy;

  before(async function () {
    peerOrSkip(this, 'docker-registry');
    registry = await startDockerRegistry();
    proxy = await startSlowProxy(registry.host, { roundTripMs: 50, bytesPerSecond: 20e6 });
  });
  after(async () => {
    await proxy?.stop();
    await registry?.stop();
  });

  it('gives a large blob over several connections', async () => {
    const bytes = randomBytes(SIZE_BYTES);
    const blob = { mediaType: 'application/octet-stream', digest: digestOf(bytes), size: bytes.length };
    await new Registry(registry.host, testTransport()).repository('far').push(blob, bytesContent(bytes));
    const far = new Registry(proxy.host, testTransport()).repository('far');
    assert.ok(bytes.equals(await buffer(await far.fetch(blob))));
    assert.ok(proxy.connections > 2, `${proxy.connections} connections`);
  });
});
