import assert from 'node:assert/strict';
import { fileEnding, guessMediaType, kindOf, pushPreset } from '../../../src/oci/artifactKinds';

const kinds: readonly (readonly [type: string | undefined, name: string])[] = [
  ['application/vnd.cncf.helm.config.v1+json', 'Helm chart'],
  ['application/vnd.cncf.helm.chart.content.v1.tar+gzip', 'Helm chart archive'],
  ['application/vnd.cncf.helm.chart.provenance.v1.prov', 'Helm provenance'],
  ['application/vnd.sylabs.sif.layer.v1.sif', 'Singularity image'],
  ['application/vnd.dev.sigstore.bundle.v0.3+json', 'Signature'],
  ['application/vnd.cncf.notary.signature', 'Signature'],
  ['application/spdx+json', 'SBOM (SPDX)'],
  ['application/vnd.cyclonedx+json', 'SBOM (CycloneDX)'],
  ['application/vnd.in-toto+json', 'Attestation'],
  ['application/vnd.wasm.config.v0+json', 'WebAssembly module'],
  ['application/vnd.devcontainers', 'Dev container feature or template'],
  ['application/vnd.cncf.flux.config.v1+json', 'Flux artifact'],
  ['application/vnd.cncf.argoproj.argocd.content.v1.tar+gzip', 'Argo CD application'],
  ['application/vnd.kitops.modelkit.config.v1+json', 'ModelKit'],
  ['application/vnd.docker.ai.model.config.v0.1+json', 'Docker model'],
  ['application/vnd.cncf.model.manifest.v1+json', 'ModelPack model'],
  ['application/vnd.cncf.openpolicyagent.config.v1+json', 'OPA policy'],
  ['application/vnd.oci.image.config.v1+json', 'Container image'],
  ['application/vnd.docker.image.rootfs.diff.tar.gzip', 'Image layer'],
  ['application/vnd.unknown.artifact.v1', ''],
  ['application/vnd.example', ''],
  [undefined, ''],
];

describe('The table of known kinds', () => {
  for (const [type, name] of kinds) {
    it(`calls ${type} ${name || 'nothing'}`, () => assert.equal(kindOf(type).name, name));
  }

  for (const [type, ending] of [
    ['application/vnd.oci.image.layer.v1.tar+gzip', '.tar.gz'],
    ['application/vnd.docker.image.rootfs.diff.tar.gzip', '.tar.gz'],
    ['application/vnd.oci.image.layer.v1.tar+zstd', '.tar.zst'],
    ['application/vnd.oci.image.layer.v1.tar', '.tar'],
    ['application/vnd.cncf.flux.content.v1.tar+gzip', '.tar.gz'],
    ['application/vnd.dev.sigstore.bundle.v0.3+json', '.sigstore.json'],
    ['application/vnd.example.thing+json', '.json'],
    ['application/wasm', '.wasm'],
    ['text/plain', '.txt'],
    ['application/vnd.example', ''],
  ] as const) {
    it(`ends files of ${type} with "${ending}"`, () => assert.equal(fileEnding(type), ending));
  }

  for (const [name, type] of [
    ['sbom.SPDX.json', 'application/spdx+json'],
    ['a.json', 'application/json'],
    ['image.sif', 'application/vnd.sylabs.sif.layer.v1.sif'],
    ['policy.rego', 'application/vnd.cncf.openpolicyagent.policy.layer.v1+rego'],
    ['README', undefined],
  ] as const) {
    it(`guesses ${type ?? 'nothing'} for ${name}`, () => assert.equal(guessMediaType(name), type));
  }

  it('knows how a Singularity image and an SBOM are pushed', () => {
    const sif = { artifactType: 'application/vnd.sylabs.sif.config.v1+json', imageSpec: 'v1.0' };
    assert.deepEqual(pushPreset(['tool.sif']), sif);
    assert.deepEqual(pushPreset(['a.spdx.json']), { artifactType: 'application/spdx+json' });
    assert.equal(pushPreset(['tool.sif', 'a.txt']), undefined);
    assert.equal(pushPreset(['a.txt']), undefined);
    assert.equal(pushPreset([]), undefined);
  });
});
