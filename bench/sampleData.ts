import { createCipheriv, createHash, type Cipher } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir } from 'node:fs/promises';
import path from 'node:path';

const CHUNK_BYTES = 4 * 1024 * 1024;

/** Files of one kind: `fileCount` of `fileBytes` each, random to the eye or made of words. */
export interface Load {
  readonly fileCount: number;
  readonly fileBytes: number;
  readonly words?: boolean;
}

/** Fills a folder with files: the same bytes on each machine. A load of its own name is a folder within. */
export async function makeSampleData(folder: string, load: Load): Promise<void> {
  await mkdir(folder, { recursive: true });
  const key = createHash('sha256')
    .update(`bench ${JSON.stringify(load)}`)
    .digest()
    .subarray(0, 16);
  const random = createCipheriv('aes-128-ctr', key, Buffer.alloc(16));
  const { fileCount, fileBytes, words } = load;
  for (let index = 0; index < fileCount; index++) {
    const file = await open(path.join(folder, `${String(index).padStart(5, '0')}.bin`), 'wx');
    for (let written = 0; written < fileBytes; written += CHUNK_BYTES) {
      const size = Math.min(CHUNK_BYTES, fileBytes - written);
      await file.writeFile(words ? wordsOf(random, size) : random.update(Buffer.alloc(size)));
    }
    await file.close();
  }
}

/** Text that compresses about as source code does: some hundred words, the frequent ones often. */
function wordsOf(random: Cipher, sizeBytes: number): Buffer {
  const choices = random.update(Buffer.alloc(sizeBytes));
  const text = Buffer.alloc(sizeBytes);
  for (let at = 0, choice = 0; at < sizeBytes; choice++) {
    const index = ((choices[choice] ?? 0) * (choices[sizeBytes - 1 - choice] ?? 0)) >> 7;
    at += text.write(`${VOCABULARY[index % VOCABULARY.length]} `, at, 'latin1') || sizeBytes;
  }
  return text;
}

const VOCABULARY = Array.from({ length: 500 }, (_, index) =>
  createHash('sha256')
    .update(String(index))
    .digest('hex')
    .slice(0, 2 + (index % 9)),
);

/** One digest over the paths and bytes of a folder's files; equal folders have equal ones. */
export async function folderDigest(folder: string): Promise<string> {
  const hash = createHash('sha256');
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)));
  for (const name of files.sort()) {
    hash.update(`\0${name}\0`);
    for await (const chunk of createReadStream(path.join(folder, name), { highWaterMark: CHUNK_BYTES })) {
      hash.update(chunk as Buffer);
    }
  }
  return hash.digest('hex');
}
