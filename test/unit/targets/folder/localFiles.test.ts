import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
  appendFile,
  chmod,
  mkdir,
  readdir,
  readFile,
  rename,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { hostname } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { list, type ReadEntry } from 'tar';
import { annotationKeys } from '../../../../src/oci/annotations';
import { digestOf } from '../../../../src/oci/digest';
import { FileError } from '../../../../src/oci/errors';
import { LocalFiles } from '../../../../src/targets/folder/localFiles';
import { asNobody } from '../../../support/asNobody';
import { fill, listing, removeFolder, scratchFolder } from './scratchFolder';

const MEBIBYTE = 1024 * 1024;

describe('LocalFiles', () => {
  let scratch: string;
  let folder: string;
  let temporaryFolder: string;
  let source: LocalFiles;

  beforeEach(async () => {
    scratch = await scratchFolder();
    folder = path.join(scratch, 'work');
    temporaryFolder = path.join(scratch, 'temporary');
    await mkdir(folder);
    await mkdir(temporaryFolder);
    source = new LocalFiles({ temporaryFolder });
  });

  afterEach(async () => {
    await source.dispose();
    await removeFolder(scratch);
  });

  const at = (name: string) => path.join(folder, name);
  const add = (name: string) => source.add({ path: at(name), title: name });

  it('describes a file by digest, size and title, counting each byte read', async () => {
    const content = Buffer.alloc(5 * MEBIBYTE + 7, 'content');
    await fill(folder, { 'a.bin': content });
    let readBytes = 0;
    const descriptor = await source.add(
      { path: at('a.bin'), title: 'x/a.bin', mediaType: 'application/x-bin' },
      { onBytes: (delta) => (readBytes += delta) },
    );
    assert.deepEqual(descriptor, {
      mediaType: 'application/x-bin',
      annotations: { [annotationKeys.title]: 'x/a.bin' },
      digest: digestOf(content),
      size: content.length,
    });
    assert.equal(readBytes, content.length);
    assert.equal(await source.measure({ path: at('a.bin'), title: 'a' }), content.length);
  });

  it('gives the content of a file again and again', async () => {
    await fill(folder, { a: 'content', none: '' });
    const content = source.content(await add('a'));
    assert.equal(String(await buffer(await content.open())), 'content');
    assert.equal(String(await buffer(await content.open())), 'content');
    assert.equal((await buffer(await source.content(await add('none')).open())).length, 0);
  });

  it('gives a small file as it was read, whatever became of it', async () => {
    await fill(folder, { a: 'content' });
    const content = source.content(await add('a'));
    await writeFile(at('a'), 'changed');
    assert.equal(String(await buffer(await content.open())), 'content');
  });

  it('packs a folder to the same bytes each time, whenever and wherever', async () => {
    const files = { 'f/b': 'b', 'f/a/x': 'x', 'f/a.txt': Buffer.alloc(3 * MEBIBYTE, 'abc'), 'f/Z': '' };
    await fill(folder, files);
    await fill(path.join(folder, 'copy'), files);
    for (const name of ['f/b', 'f/a/x', 'f/a.txt', 'f/Z', 'f/a', 'f']) {
      for (const base of ['', 'copy']) await utimes(at(path.join(base, name)), 5, 1_700_000_000.25);
    }
    const first = await source.add({ path: at('f'), title: 'f' });
    const second = await new LocalFiles({ temporaryFolder }).add({ path: at('copy/f'), title: 'f' });
    assert.deepEqual(first, second);
    assert.equal(first.mediaType, 'application/vnd.oci.image.layer.v1.tar+gzip');
    assert.equal(first.annotations?.[annotationKeys.contentUnpack], 'true');
  });

  it('packs what other programs read: sorted, owned by nobody, ended by two zero blocks', async () => {
    await fill(folder, { 'f/b': 'bb', 'f/a/x': 'x', 'f/a.txt': 'text' });
    await symlink('a/x', at('f/link'));
    const descriptor = await source.add({ path: at('f'), title: 'top/f' });
    const packed = await buffer(await source.content(descriptor).open());
    const tar = gunzipSync(packed);
    assert.equal(digestOf(tar), descriptor.annotations?.[annotationKeys.contentDigest]);
    assert.equal(tar.length, 512 * (6 + 3 + 2));
    assert.ok(tar.subarray(-1024).every((byte) => byte === 0));
    const archive = path.join(scratch, 'f.tgz');
    await writeFile(archive, packed);
    const seen: string[] = [];
    const onReadEntry = ({ path: name, type, uid, gid, uname }: ReadEntry) =>
      seen.push(`${name} ${type} ${uid} ${gid} ${uname}`);
    await list({ file: archive, strict: true, onReadEntry });
    assert.deepEqual(seen, [
      'top/f Directory 0 0 ',
      'top/f/a Directory 0 0 ',
      'top/f/a/x File 0 0 ',
      'top/f/a.txt File 0 0 ',
      'top/f/b File 0 0 ',
      'top/f/link SymbolicLink 0 0 ',
    ]);
  });

  it('joins compressed blocks to one gzip member that holds every byte', async () => {
    const noise = Buffer.from(Array.from({ length: 3 * MEBIBYTE }, (_, index) => (index * index * 31) >>> 7));
    await fill(folder, { 'f/noise': noise, 'f/zeros': Buffer.alloc(2 * MEBIBYTE) });
    const packed = await buffer(await source.content(await add('f')).open());
    assert.deepEqual([...packed.subarray(0, 10)], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
    const tar = gunzipSync(packed);
    assert.ok(tar.includes(noise.subarray(0, 4096)));
    assert.ok(tar.length > noise.length + 2 * MEBIBYTE);
  });

  it('packs the folder behind a link that was chosen', async () => {
    await fill(folder, { 'real/x': 'x' });
    await symlink('real', at('chosen'));
    const direct = await source.add({ path: at('real'), title: 't' });
    assert.deepEqual(await source.add({ path: at('chosen'), title: 't' }), direct);
  });

  const links = {
    'up and out': '../../x',
    'by an absolute path': '/etc/passwd',
    'through another link': 'd/up/../..',
  };
  for (const [name, target] of Object.entries(links)) {
    it(`refuses a folder with a link that leads out ${name}, by the link's name`, async () => {
      await mkdir(at('f/d'), { recursive: true });
      await symlink('..', at('f/d/up'));
      await symlink(target, at('f/bad'));
      await assert.rejects(add('f'), (error) => {
        assert.ok(error instanceof FileError);
        assert.equal(error.path, at('f/bad'));
        return true;
      });
    });
  }

  it('refuses a socket by name', async () => {
    await mkdir(at('f'));
    const server = await listening(at('f/socket'));
    try {
      await assert.rejects(add('f'), /f\/socket": it is a socket/);
      await assert.rejects(add('f/socket'), /f\/socket": it is a socket/);
    } finally {
      await new Promise((done) => server.close(done));
    }
  });

  it('names a file that is missing', async () => {
    await assert.rejects(add('none'), (error) => {
      assert.ok(error instanceof FileError);
      assert.equal(error.systemCode, 'ENOENT');
      assert.equal(error.path, at('none'));
      return true;
    });
  });

  it('names a file that may not be read', async () => {
    await fill(folder, { 'f/closed': 'x' });
    await chmod(at('f/closed'), 0);
    await chmod(scratch, 0o755);
    await chmod(temporaryFolder, 0o777);
    await asNobody(async () => {
      await assert.rejects(add('f/closed'), /f\/closed": permission was denied \(EACCES\)/);
      await assert.rejects(add('f'), /f\/closed": permission was denied \(EACCES\)/);
    });
  });

  const changes: Record<string, (file: string) => Promise<void>> = {
    grew: (file) => appendFile(file, 'more'),
    'was written anew with the same size': (file) => writeFile(file, 'CONTENT'.padEnd(MEBIBYTE)),
    'was touched': (file) => utimes(file, 1, 1),
    'was replaced': async (file) => {
      await writeFile(`${file}.new`, 'content'.padEnd(MEBIBYTE));
      await rename(`${file}.new`, file);
    },
  };
  for (const [name, change] of Object.entries(changes)) {
    it(`fails the content of a file that ${name} since it was added`, async () => {
      await fill(folder, { a: 'content'.padEnd(MEBIBYTE) });
      const descriptor = await add('a');
      await change(at('a'));
      const stream = await source.content(descriptor).open();
      await assert.rejects(buffer(stream), (error) => {
        assert.ok(error instanceof FileError);
        assert.equal(error.systemCode, 'CHANGED');
        return true;
      });
    });
  }

  it('never hands out the last byte of a file that changes under way', async () => {
    await fill(folder, { a: Buffer.alloc(6 * MEBIBYTE, 'a') });
    const descriptor = await add('a');
    let gotBytes = 0;
    await assert.rejects(async () => {
      for await (const chunk of await source.content(descriptor).open()) {
        if (gotBytes === 0) await appendFile(at('a'), 'x');
        gotBytes += (chunk as Buffer).length;
      }
    }, FileError);
    assert.ok(gotBytes > 0 && gotBytes < descriptor.size, `${gotBytes}`);
  });

  it('stops with the abort reason while it reads', async () => {
    await fill(folder, { 'f/a': Buffer.alloc(4 * MEBIBYTE) });
    const controller = new AbortController();
    const reason = new Error('enough');
    const options = { signal: controller.signal, onBytes: () => controller.abort(reason) };
    await assert.rejects(source.add({ path: at('f/a'), title: 'a' }, options), (error) => error === reason);
    await assert.rejects(source.add({ path: at('f'), title: 'f' }, options), (error) => error === reason);
  });

  it('removes what a killed process has packed, and nothing of a living one or of anybody else', async () => {
    const gone = spawnSync(process.execPath, ['-e', '']).pid;
    const named = (pid: number) => `oci-push~${encodeURIComponent(hostname())}~${pid}~${randomUUID()}`;
    const [left, living, other] = [named(gone), named(process.pid), `notes~${hostname()}~${gone}~1`];
    for (const name of [left, living, other]) await fill(temporaryFolder, { [`${name}/0.tar.gz`]: 'packed' });
    await fill(folder, { 'f/a': 'a' });
    await add('f');
    await source.dispose();
    assert.deepEqual((await readdir(temporaryFolder)).sort(), [other, living].sort());
  });

  it('removes packed folders on dispose, and can be disposed of twice', async () => {
    await fill(folder, { 'f/a': 'a' });
    await add('f');
    assert.equal((await listing(temporaryFolder)).length, 2);
    await source.dispose();
    await source.dispose();
    assert.deepEqual(await listing(temporaryFolder), []);
    assert.equal(await readFile(at('f/a'), 'utf8'), 'a');
  });

  describe('that is to reuse what it read', () => {
    let reusing: LocalFiles;
    beforeEach(async () => {
      reusing = new LocalFiles({ temporaryFolder, reuse: true });
      await fill(folder, { file: 'content', 'tree/a': 'first', 'tree/b': 'second' });
    });
    afterEach(() => reusing.dispose());

    const addTree = (title = 'tree') => reusing.add({ path: at('tree'), title });
    const archives = async () => (await listing(temporaryFolder)).filter((name) => name.endsWith('.gz'));

    it('gives an untouched file and folder the same descriptor without reading them', async () => {
      const then = new Date('2024-05-06T07:08:09Z');
      await utimes(at('file'), then, then);
      const before = [await reusing.add({ path: at('file'), title: 'file' }), await addTree()];
      await writeFile(at('file'), 'CONTENT'); // nobody can tell without reading it
      await utimes(at('file'), then, then);
      let countedBytes = 0;
      const onBytes = (delta: number) => (countedBytes += delta);
      const file = await reusing.add({ path: at('file'), title: 'file' }, { onBytes });
      assert.deepEqual([file, await addTree()], before);
      assert.equal(countedBytes, 'content'.length);
      assert.equal((await archives()).length, 1);
    });

    it('reads again what was written to, added or removed', async () => {
      const file = () => reusing.add({ path: at('file'), title: 'file' });
      const seen = [(await file()).digest, (await addTree()).digest];
      await appendFile(at('file'), '!');
      seen.push((await file()).digest);
      await appendFile(at('tree/b'), '!');
      seen.push((await addTree()).digest);
      await fill(at('tree'), { c: 'third' });
      seen.push((await addTree()).digest);
      assert.equal(new Set(seen).size, seen.length);
      assert.equal(seen[2], digestOf(Buffer.from('content!')));
    });

    it('forgets the archives that are not named, and packs their folders anew', async () => {
      const first = await addTree('first');
      const second = await addTree('second');
      assert.equal((await archives()).length, 2);
      await reusing.forgetExcept([second.digest]);
      assert.equal((await archives()).length, 1);
      await buffer(await reusing.content(second).open());
      await assert.rejects(reusing.content(first).open(), FileError);
      assert.equal((await addTree('first')).digest, first.digest);
      await buffer(await reusing.content(first).open());
    });
  });
});

async function listening(socket: string): Promise<Server> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(socket, done));
  return server;
}
