import { createCipheriv, createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir } from 'node:fs/promises';
import path from 'node:path';

const CHUNK_BYTES = 4 * 1024 * 1024;

/** What a job moves: `fileCount` files of `fileBytes` each. */
export interface Load {
  readonly name: string;
  readonly fileCount: number;
  readonly fileBytes: number;
}

/** Fills a folder with a load's files: random to the eye, the same bytes on each machine. */
export async function makeSampleData(folder: string, { name, fileCount, fileBytes }: Load): Promise<void> {
  await mkdir(folder, { recursive: true });
  const key = createHash('sha256').update(`bench ${name}`).digest().subarray(0, 16);
  const random = createCipheriv('aes-128-ctr', key, Buffer.alloc(16));
  const zeros = Buffer.alloc(Math.min(CHUNK_BYTES, fileBytes));
  for (let index = 0; index < fileCount; index++) {
    const file = await open(path.join(folder, `${String(index).padStart(4, '0')}.bin`), 'wx');
    for (let written = 0; written < fileBytes; written += zeros.length) {
      await file.writeFile(random.update(zeros.subarray(0, fileBytes - written)));
    }
    await file.close();
  }
}

/** One digest over the names and bytes of a folder's files; equal folders have equal ones. */
export async function folderDigest(folder: string): Promise<string> {
  const hash = createHash('sha256');
  for (const name of (await readdir(folder)).sort()) {
    hash.update(`\0${name}\0`);
    for await (const chunk of createReadStream(path.join(folder, name), { highWaterMark: CHUNK_BYTES })) {
      hash.update(chunk as Buffer);
    }
  }
  return hash.digest('hex');
}
