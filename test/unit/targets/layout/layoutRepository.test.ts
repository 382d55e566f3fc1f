import assert from 'node:assert/strict';
import path from 'node:path';
import { InvalidContentError, UnsupportedError } from '../../../../src/oci/errors';
import { isLayoutHost, layoutPath, layoutPlace } from '../../../../src/oci/layoutPlace';
import { registryProblem } from '../../../../src/oci/registryHost';
import { LayoutRegistry } from '../../../../src/targets/layout/layoutRegistry';
import { OciLayout } from '../../../../src/targets/layout/ociLayout';
import { writeLayoutTar } from '../../../../src/targets/layout/writeLayoutTar';
import { collect, pushArtifact, sourceOf, textBlob } from '../../../support/artifacts';
import { describeTargetContract } from '../../../support/targetContract';
import { fill, listing, removeFolder, scratchFolder } from '../folder/scratchFolder';

const repositoryAt = (file: string) => {
  const { host, name } = layoutPlace(file);
  return new LayoutRegistry(host).repository(name);
};

describe('A layout in the shape of a repository', () => {
  let folder: string;
  let file: string;
  let archive: string;

  beforeEach(async () => {
    folder = await scratchFolder();
    file = path.join(folder, 'My layout');
    archive = path.join(folder, 'layout.tar');
  });
  afterEach(() => removeFolder(folder));

  const filled = async () => {
    const layout = new OciLayout(file);
    const manifest = await pushArtifact(layout, [textBlob('one')]);
    await layout.tag(manifest, 'v1');
    await writeLayoutTar(file, archive);
    return manifest;
  };

  describeTargetContract('a layout folder by its place', async () => {
    await new OciLayout(file).create();
    const target = repositoryAt(file);
    return { target, remover: target };
  });

  it('is never taken for a registry', () => {
    const { host, name } = layoutPlace(file);
    assert.equal(isLayoutHost(host), true);
    assert.notEqual(registryProblem(host), undefined);
    assert.equal(layoutPath({ host, name }), file);
    for (const real of ['layout.test', 'layout:5000', 'localhost:5000'])
      assert.equal(isLayoutHost(real), false, real);
  });

  it('reads an archive and refuses each change to it', async () => {
    const { descriptor } = await filled();
    const target = repositoryAt(archive);
    assert.deepEqual(await collect(target.tags()), ['v1']);
    assert.equal((await target.resolve('v1')).digest, descriptor.digest);
    const blob = textBlob('new');
    const content = await target.readManifest('v1');
    for (const change of [
      () => target.push(blob.descriptor, sourceOf(blob.bytes)),
      () => target.tag(content, 'v2'),
      () => target.remove(descriptor),
      () => target.untag('v1'),
    ]) {
      await assert.rejects(change, UnsupportedError);
    }
  });

  it('says of a folder without the marker that it is no layout, and leaves it as it was', async () => {
    await fill(file, { 'notes.txt': 'mine' });
    const target = repositoryAt(file);
    await assert.rejects(collect(target.tags()), InvalidContentError);
    await assert.rejects(target.resolve('v1'), InvalidContentError);
    assert.deepEqual(await listing(file), ['notes.txt']);
  });

  it('makes a layout by the first write', async () => {
    const target = repositoryAt(file);
    await target.tag(await pushArtifact(target, [textBlob('one')]), 'v1');
    assert.deepEqual(await collect(new OciLayout(file).tags()), ['v1']);
  });

  it('lists, makes and deletes no repositories', async () => {
    const registry = new LayoutRegistry(layoutPlace(file).host);
    await assert.rejects(async () => collect(registry.repositories()), UnsupportedError);
    await assert.rejects(registry.createRepository(), UnsupportedError);
    await assert.rejects(registry.removeRepository('My layout'), UnsupportedError);
  });
});
