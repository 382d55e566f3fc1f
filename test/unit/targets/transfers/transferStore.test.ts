import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { FolderSink } from '../../../../src/targets/folder/folderSink';
import { TransferStore } from '../../../../src/targets/transfers/transferStore';
import { layer } from '../folder/pullFiles';
import { fill, listing, removeFolder, scratchFolder } from '../folder/scratchFolder';

/** No process has this number: it is past the largest that systems give. */
const DEAD_PID = 2 ** 22 + 1;

describe('TransferStore', () => {
  let scratch: string;
  let store: TransferStore;
  let folder: string;

  beforeEach(async () => {
    scratch = await scratchFolder();
    store = new TransferStore(path.join(scratch, 'transfers'));
    folder = path.join(scratch, 'out');
  });
  afterEach(() => removeFolder(scratch));

  const at = (...parts: string[]) => path.join(scratch, 'transfers', ...parts);
  const opened = async (id: string) => {
    const transfer = await store.open(id);
    assert.ok(transfer);
    return transfer;
  };
  /** A transfer that stopped with so much content. */
  const stopped = async (id: string, content: string, ageMs = 0) => {
    const transfer = await opened(id);
    await transfer.save({ what: id });
    const staging = await transfer.bring(await made(folder));
    await writeFile(path.join(staging, 'part'), content);
    await transfer.keep(staging);
    await transfer.close();
    const then = new Date(Date.now() - ageMs);
    await utimes(at(id), then, then);
  };

  it('has another mark whenever one is begun, saved, left or removed, and else the same', async () => {
    const marks = [await store.mark()];
    const transfer = await opened('a');
    marks.push(await store.mark());
    await transfer.save({ what: 'a' });
    marks.push(await store.mark());
    await transfer.close();
    marks.push(await store.mark());
    assert.equal(await store.mark(), marks.at(-1));
    await store.remove('a');
    assert.equal(await store.mark(), marks[0]);
    assert.equal(new Set(marks).size, 4);
  });

  it('lists what was kept, with what it was', async () => {
    assert.deepEqual(await store.list(), []);
    await stopped('a', '12345');
    const [kept, ...others] = await store.list();
    assert.deepEqual(others, []);
    assert.deepEqual(
      { ...kept, changedAtMs: 0 },
      {
        id: 'a',
        record: { what: 'a' },
        keptBytes: 5,
        changedAtMs: 0,
        isRunning: false,
      },
    );
    assert.deepEqual(await listing(folder), []);
  });

  it('gives a transfer to one at a time', async () => {
    const first = await opened('a');
    assert.equal(await store.open('a'), undefined);
    assert.equal(await store.remove('a'), false);
    assert.equal((await store.list())[0]?.isRunning, true);
    await first.close();
    const tries = await Promise.all(Array.from({ length: 8 }, () => store.open('a')));
    assert.equal(tries.filter(Boolean).length, 1);
  });

  it('takes a transfer over from a process that died, and what it left in the destination', async () => {
    await stopped('a', 'data');
    const staging = await (await opened('a')).bring(await made(folder));
    const mark = JSON.stringify({ host: hostname(), pid: DEAD_PID, id: 'x' });
    await writeFile(path.join(at('a'), await ownerIn(at('a'))), mark);
    await mkdir(path.join(staging, 'unpacked'));
    assert.deepEqual(await store.list().then(([kept]) => [kept?.isRunning, kept?.keptBytes]), [false, 4]);
    await store.clean({ maxBytes: Infinity, maxAgeMs: Infinity });
    assert.deepEqual(await listing(folder), []);
    const again = await (await opened('a')).bring(folder);
    assert.deepEqual(await listing(again), ['part']);
    assert.equal(await readFile(path.join(again, 'part'), 'utf8'), 'data');
  });

  it('goes on in the destination where a process died while it had it there', async () => {
    const transfer = await opened('a');
    const staging = await transfer.bring(await made(folder));
    await fill(staging, { part: 'data', 'tree/half': 'x' });
    await transfer.close();
    assert.equal(await (await opened('a')).bring(folder), staging);
    assert.deepEqual(await listing(staging), ['part']);
  });

  it('removes what is too old, and the oldest past the size, but not the last one', async () => {
    await stopped('old', 'x', 2000);
    await stopped('large', 'x'.repeat(90), 900);
    await stopped('middle', 'x'.repeat(40), 800);
    await stopped('last', 'x'.repeat(70), 0);
    await store.clean({ maxBytes: 110, maxAgeMs: 1000 });
    assert.deepEqual(
      (await store.list()).map(({ id }) => id),
      ['last', 'middle'],
    );
    await store.clean({ maxBytes: 10, maxAgeMs: 1000 });
    assert.deepEqual(
      (await store.list()).map(({ id }) => id),
      ['last'],
    );
  });

  it('does not make a transfer younger by cleaning', async () => {
    await stopped('a', 'x', 5000);
    await store.clean({ maxBytes: Infinity, maxAgeMs: Infinity });
    assert.ok(Date.now() - ((await store.list())[0]?.changedAtMs ?? Infinity) >= 5000);
  });

  it('removes no folder but one that a pull made', async () => {
    await fill(folder, { 'mine.txt': 'mine' });
    await (await opened('a')).close();
    await writeFile(at('a', 'staging'), folder);
    await store.remove('a');
    assert.deepEqual(await listing(folder), ['mine.txt']);
  });

  describe('with a destination on another disk', () => {
    const otherDisk = '/dev/shm';
    let away: string;

    before(async function () {
      if ((await stat(otherDisk).catch(() => undefined)) === undefined) return this.skip();
      away = await mkdtemp(path.join(otherDisk, 'oci-transfer-'));
    });
    after(() => (away ? removeFolder(away) : undefined));

    it('leaves there what was received, goes on with it, and removes it', async () => {
      assert.notEqual((await stat(away)).dev, (await stat(scratch)).dev);
      const first = await opened('a');
      const staging = await first.bring(away);
      await writeFile(path.join(staging, 'part'), '12345');
      await first.keep(staging);
      await first.close();
      assert.equal((await store.list())[0]?.keptBytes, 5);
      const second = await opened('a');
      assert.equal(await second.bring(away), staging);
      await second.keep(staging);
      await second.close();
      assert.equal(await store.remove('a'), true);
      assert.deepEqual(await readdir(away), []);
    });

    it('takes there what was kept for another destination', async () => {
      await stopped('a', '12345');
      const transfer = await opened('a');
      const staging = await transfer.bring(away);
      assert.equal(path.dirname(staging), away);
      assert.equal(await readFile(path.join(staging, 'part'), 'utf8'), '12345');
      assert.ok(!(await readdir(at('a'))).includes('data'));
      await transfer.remove();
      assert.deepEqual(await readdir(away), []);
    });
  });

  it('leaves nothing of a transfer that is through', async () => {
    const transfer = await opened('a');
    await transfer.bring(await made(folder));
    await transfer.remove();
    assert.deepEqual(await listing(folder), []);
    assert.deepEqual(await readdir(at()), []);
  });

  it('keeps a record that cannot be read to be removed', async () => {
    await stopped('a', 'x');
    await writeFile(at('a', 'record.json'), '{"what":');
    assert.equal((await store.list())[0]?.record, undefined);
    assert.equal(await store.remove('a'), true);
    assert.deepEqual(await store.list(), []);
  });

  describe('with a FolderSink', () => {
    const content = Buffer.alloc(3_000_000, 'what is pulled ');
    const { file, open } = layer('a.bin', content);
    const run = async (openFrom: (firstByte: number) => Promise<undefined>, broken: boolean) => {
      const keeper = await opened('pull');
      const sink = new FolderSink(folder, { keeper });
      let counted = 0;
      const onBytes = (delta: number) => {
        counted += delta;
        if (broken && counted > 1_000_000) throw new Error('broken');
      };
      try {
        await sink.stage(file, open, { openFrom, onBytes });
        await sink.commit('overwrite');
        await keeper.remove();
      } catch (error) {
        await sink.discard();
        await keeper.close();
        throw error;
      }
      return counted;
    };

    it('starts again where the source gives only the whole, and counts once', async () => {
      const asked: number[] = [];
      const openFrom = async (firstByte: number) => void asked.push(firstByte);
      await assert.rejects(run(openFrom, true), /broken/);
      assert.equal(await run(openFrom, false), content.length);
      assert.ok(asked.length === 1 && (asked[0] ?? 0) > 1_000_000, asked.join());
      assert.ok(content.equals(await readFile(path.join(folder, 'a.bin'))));
    });

    it('fetches again when what was kept has changed on the disk', async () => {
      const openFrom = async () => assert.fail('the rest is not wanted');
      await assert.rejects(run(openFrom, true), /broken/);
      const [name = ''] = await readdir(at('pull', 'data'));
      await writeFile(at('pull', 'data', name), Buffer.alloc(content.length, 'wrong'));
      assert.equal(await run(openFrom, false), content.length);
      assert.ok(content.equals(await readFile(path.join(folder, 'a.bin'))));
    });
  });
});

async function made(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  return folder;
}

async function ownerIn(folder: string): Promise<string> {
  return (await readdir(folder)).find((name) => name.startsWith('owner.')) ?? assert.fail('nobody has it');
}
