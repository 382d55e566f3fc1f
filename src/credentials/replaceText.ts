import { randomUUID } from 'node:crypto';
import { lstat, mkdir, open, readlink, realpath, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { CredentialStoreError } from '../oci/errors';
import type { WaitOptions } from '../oci/target';
import { readDockerConfigText } from './dockerConfigFile';
import { withFileLock, type HeldLock } from './fileLock';
import { systemCodeOf } from './systemCode';

const PRIVATE_FILE = 0o600;
const PRIVATE_FOLDER = 0o700;
const MAX_LINKS = 40;
const MAX_ATTEMPTS = 10;

/**
 * Changes a text file whole: reads it under a lock, gives its text to `change` (empty when there is no file) and puts
 * the result in its place by rename. A link stays a link, an existing file keeps its mode, a new one gets 0600. The
 * file is left alone when the text did not change. Returns whether it did. Errors: CredentialStoreError, and those
 * of `change`.
 */
export async function replaceText(
  file: string,
  change: (text: string) => string,
  options: WaitOptions = {},
): Promise<boolean> {
  options.signal?.throwIfAborted();
  const target = await asStoreError(file, () => realTarget(file));
  await asStoreError(file, () => mkdir(path.dirname(target), { recursive: true, mode: PRIVATE_FOLDER }));
  return withFileLock(target, (lock) => changeLocked({ file, target, lock }, change, options), options);
}

interface Place {
  readonly file: string;
  readonly target: string;
  readonly lock: HeldLock;
}

async function changeLocked(
  place: Place,
  change: (text: string) => string,
  options: WaitOptions,
): Promise<boolean> {
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const before = await identityOf(place.target);
    const text = await readDockerConfigText(place.target, options);
    const changed = change(text);
    if (changed === text) return false;
    options.signal?.throwIfAborted();
    if (await asStoreError(place.file, () => swapIn(place, changed, before))) return true;
  }
  throw new CredentialStoreError(place.file, 'another program keeps changing the file; nothing was written');
}

/** False when the file is no longer what was read: programs that know no lock write it too. */
async function swapIn({ target, lock }: Place, text: string, before: FileIdentity): Promise<boolean> {
  const temporary = path.join(path.dirname(target), `.${path.basename(target)}.${randomUUID()}.tmp`);
  try {
    await writePrivate(temporary, text, before.mode);
    const now = await identityOf(target);
    if (now.key !== before.key || !(await lock.isOurs())) return false;
    await rename(temporary, target);
    return true;
  } finally {
    await rm(temporary, { force: true });
  }
}

async function writePrivate(file: string, text: string, mode: number): Promise<void> {
  const handle = await open(file, 'wx', PRIVATE_FILE);
  try {
    await handle.writeFile(text);
    await handle.chmod(mode);
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

interface FileIdentity {
  /** Differs when the file was replaced or changed. */
  readonly key: string;
  readonly mode: number;
}

async function identityOf(file: string): Promise<FileIdentity> {
  try {
    const { ino, size, mtimeNs, mode } = await stat(file, { bigint: true });
    return { key: [ino, size, mtimeNs].join(), mode: Number(mode) & 0o777 };
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return { key: 'absent', mode: PRIVATE_FILE };
    throw error;
  }
}

/** The path behind links, also where the last one leads to a file that is not there yet. */
async function realTarget(file: string, links = 0): Promise<string> {
  const found = await lstat(file).catch(() => undefined);
  if (!found?.isSymbolicLink()) return found ? realpath(file) : file;
  if (links === MAX_LINKS) throw new Error('too many links');
  return realTarget(path.resolve(path.dirname(file), await readlink(file)), links + 1);
}

async function asStoreError<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof CredentialStoreError) throw error;
    throw new CredentialStoreError(file, `the file cannot be written (${systemCodeOf(error)})`, {
      cause: error,
    });
  }
}
