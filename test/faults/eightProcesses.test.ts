import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { buildProgram } from '../support/buildProgram';
import { lookAtLayout, lookInto } from './folderWitness';
import { writeInput } from './seeds';

const run = promisify(execFile);
const PUSHES = 4;

describe('Eight processes that push to one layout at once', () => {
  let scratch: string;
  beforeEach(async () => {
    scratch = await mkdtemp(path.join(tmpdir(), 'oci-eight-'));
  });
  afterEach(() => rm(scratch, { recursive: true, force: true }));

  it('lose no tag and no blob, and leave nothing beside them', async () => {
    const at = (name: string) => path.join(scratch, name);
    await writeInput(at('input'));
    const program = await buildProgram('test/faults/pushToLayout.program.ts', at('push.cjs'));
    const names = Array.from({ length: 8 }, (_, index) => `writer${index}`);
    const pushing = (name: string) =>
      run(process.execPath, [program, at('layout'), at('input'), name, String(PUSHES)]);
    await Promise.all(names.map(pushing));
    const { tags, broken } = await lookAtLayout(at('layout'));
    const wanted = names.flatMap((name) => Array.from({ length: PUSHES }, (_, index) => `${name}-${index}`));
    assert.deepEqual(Object.keys(tags).sort(), wanted);
    assert.deepEqual(broken, []);
    const left = Object.keys(await lookInto(at('layout'))).filter((name) => /ingest\/|lock/.test(name));
    assert.deepEqual(left, []);
  });
});
