import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { constants, createGzip } from 'node:zlib';
import { buffer } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { UnsafePathError } from '../../../../src/oci/errors';
import { HelmChart } from '../../../../src/targets/folder/helmChart';
import { encodeTarHeader, TAR_END } from '../../../../src/targets/folder/tarHeader';
import { handmadeTar } from './handmadeTar';
import { removeFolder, scratchFolder } from './scratchFolder';

const MIB = 1024 * 1024;

/** A chart with a file of zeros of so many MiB behind its Chart.yaml, compressed a thousandfold. */
async function chartWithZeros(mib: number): Promise<Buffer> {
  const zeros = {
    kind: 'file',
    path: 'c/zeros',
    mode: 0o644,
    mtimeSeconds: 0,
    sizeBytes: mib * MIB,
  } as const;
  const chart = handmadeTar([{ path: 'c/Chart.yaml', content: 'apiVersion: v2\nname: c\nversion: 1.0.0\n' }]);
  const parts = function* () {
    yield chart.subarray(0, 1024);
    yield encodeTarHeader(zeros);
    for (let at = 0; at < mib; at++) yield Buffer.alloc(MIB);
    yield TAR_END;
  };
  return buffer(Readable.from(parts()).pipe(createGzip({ level: constants.Z_BEST_SPEED })));
}

describe('An archive that may be a chart', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await scratchFolder();
    file = path.join(folder, 'c-1.0.0.tgz');
  });
  afterEach(() => removeFolder(folder));

  it('is none where it expands to more than Helm takes', async () => {
    await writeFile(file, await chartWithZeros(101));
    assert.equal(await HelmChart.isChart(file), false);
    await assert.rejects(HelmChart.open(file), UnsafePathError);
    await writeFile(file, await chartWithZeros(10));
    assert.equal(await HelmChart.isChart(file), true);
  });

  it('stops being read when that is cancelled, in the middle of a file too', async () => {
    const reason = new Error('cancelled');
    const cancel = new AbortController();
    await writeFile(file, await chartWithZeros(90));
    const looking = HelmChart.isChart(file, { signal: cancel.signal });
    setTimeout(() => cancel.abort(reason), 1);
    await assert.rejects(looking, (error) => error === reason);
  });
});
