import assert from 'node:assert/strict';
import { correctedHost, correctedReference } from '../../../src/oci/pastedText';
import { parsePlace } from '../../../src/oci/place';
import { registryProblem } from '../../../src/oci/registryHost';

const digest = `sha256:${'a'.repeat(64)}`;

describe('A pasted text', () => {
  for (const [text, value] of [
    ['oci://ghcr.io/x/y:1', 'ghcr.io/x/y:1'],
    ['https://ghcr.io/x/y:1', 'ghcr.io/x/y:1'],
    ['http://localhost:5000/x', 'localhost:5000/x'],
    ['docker://docker.io/library/nginx:latest', 'docker.io/library/nginx:latest'],
    ['docker://nginx:latest', 'docker.io/nginx:latest'],
    ['OCI://GHCR.io/Team/App:V1', 'ghcr.io/team/app:V1'],
    ['library/nginx:latest', 'docker.io/library/nginx:latest'],
    ['nginx:latest', 'docker.io/nginx:latest'],
    ['GHCR.io/x/y:Tag', 'ghcr.io/x/y:Tag'],
    [`GHCR.io/x/y@${digest}`, `ghcr.io/x/y@${digest}`],
    ['https://ghcr.io/v2/x/y/manifests/v1', 'ghcr.io/x/y:v1'],
    [`https://ghcr.io/v2/x/y/blobs/${digest}`, `ghcr.io/x/y@${digest}`],
    ['https://ghcr.io/v2/x/y/tags/list?n=5', 'ghcr.io/x/y'],
    ['https://ghcr.io/x/y/', 'ghcr.io/x/y'],
    ['layout:/data/lay:team/app:v1', 'layout:/data/lay:v1'],
    ['layout:/data/lay:docker.io/library/app:v1', 'layout:/data/lay:v1'],
  ] as const) {
    it(`such as ${text.slice(0, 50)} is offered as the reference it stands for`, () => {
      assert.equal(correctedReference(text)?.value, value);
      assert.doesNotThrow(() => parsePlace(value));
      assert.equal(correctedReference(value), undefined);
    });
  }

  for (const text of [
    'ghcr.io/x/y:1',
    'localhost:5000/x',
    'localhost/x:1',
    'my_registry:5000/x:Tag',
    'layout:/data/lay:v1',
    'layout:C:\\data\\lay:v1',
    `ghcr.io/x/y:T@${digest}`,
    'ghcr.io/v2/x:1',
    '',
  ]) {
    it(`such as ${JSON.stringify(text)} is left as it is`, () =>
      assert.equal(correctedReference(text), undefined));
  }

  for (const [text, value] of [
    ['https://ghcr.io', 'ghcr.io'],
    ['oci://ghcr.io/', 'ghcr.io'],
    ['host.example/', 'host.example'],
    ['host.example/v2/', 'host.example'],
    ['http://127.0.0.1:5000/v2/_catalog?n=5', '127.0.0.1:5000'],
    ['GHCR.io', 'ghcr.io'],
  ] as const) {
    it(`such as ${text} is offered as the host it stands for`, () => {
      assert.equal(correctedHost(text)?.value, value);
      assert.equal(registryProblem(value), undefined);
    });
  }

  for (const text of ['ghcr.io', 'localhost:5000', '[::1]:5000', '', 'https://'])
    it(`such as ${JSON.stringify(text)} is no other host`, () =>
      assert.equal(correctedHost(text), undefined));
});
