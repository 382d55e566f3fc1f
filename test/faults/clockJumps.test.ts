import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { attach } from '../../src/operations/attach';
import { planPull } from '../../src/operations/planPull';
import { pull } from '../../src/operations/pull';
import { push } from '../../src/operations/push';
import { FolderSink } from '../../src/targets/folder/folderSink';
import { LocalFiles } from '../../src/targets/folder/localFiles';
import { Registry } from '../../src/targets/registry/registry';
import { peerOrSkip } from '../support/peers';
import { HurriedClock } from '../support/testClock';
import { testTransport } from '../support/testTransport';
import { lookInto } from './folderWitness';
import { RegistryWitness } from './registryWitness';
import { artifactType, filesOf, noteType, pinned, writeInput } from './seeds';
import { servers, type Server } from './servers';

const DAY_MS = 24 * 60 * 60 * 1000;

/** A clock that is somebody else's each time it is looked at. */
class JumpingClock extends HurriedClock {
  private looks = 0;

  constructor(private readonly jumpsMs: readonly number[]) {
    super();
  }

  override now(): number {
    return super.now() + (this.jumpsMs[this.looks++ % this.jumpsMs.length] ?? 0);
  }
}

describe('A clock that jumps', () => {
  let server: Server;
  let scratch: string;

  before(async function () {
    peerOrSkip(this, 'docker-registry');
    server = await servers['docker-registry, token']();
    scratch = await mkdtemp(path.join(tmpdir(), 'oci-jumps-'));
    await writeInput(path.join(scratch, 'input'));
  });
  after(async () => {
    await server?.stop();
    if (scratch) await rm(scratch, { recursive: true, force: true });
  });

  const jumps = {
    'a day ahead at each look': [0, DAY_MS, 2 * DAY_MS, 3 * DAY_MS],
    'a day back at each look': [0, -DAY_MS, -2 * DAY_MS, -3 * DAY_MS],
    'to and fro': [0, DAY_MS, -DAY_MS],
  };
  for (const [index, [name, jumpsMs]] of Object.entries(jumps).entries()) {
    it(`${name} changes nothing of a push, an attachment and a pull`, async () => {
      const clock = new JumpingClock(jumpsMs);
      const transport = testTransport({ credential: server.credential, clock });
      const repository = `jumps/case-${index}`;
      const target = new Registry(server.host, transport, { clock }).repository(repository);
      const input = path.join(scratch, 'input');
      const into = path.join(scratch, `into-${index}`);
      const source = new LocalFiles();
      const files = filesOf(input, 'a.txt', 'data.bin');
      const options = { files, artifactType, tags: ['v1'], annotations: pinned('jump') };
      const { descriptor } = await push(source, target, options);
      await attach(source, target, 'v1', { artifactType: noteType, files: [], annotations: pinned('note') });
      await pull(target, await planPull(target, 'v1'), new FolderSink(into), { policy: 'overwrite' });
      const { 'a.txt': text, 'data.bin': data } = await lookInto(input);
      assert.deepEqual(await lookInto(into), { 'a.txt': text, 'data.bin': data });
      const { tags, broken } = await new RegistryWitness(server).look(repository);
      assert.equal(tags['v1'], descriptor.digest);
      assert.deepEqual(broken, []);
    });
  }
});
