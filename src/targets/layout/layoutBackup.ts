import { randomUUID } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { BackupFinish, BackupTarget } from '../../oci/backupTarget';
import { FileError } from '../../oci/errors';
import { isArchivePath } from '../../oci/layoutPlace';
import { onDisk } from '../folder/fileError';
import { OciLayout } from './ociLayout';
import { unlessMissing } from './systemError';
import { layoutBytes, writeLayoutTar } from './writeLayoutTar';

/**
 * A backup at a path: a `.tar` is packed from a hidden layout beside it, anything else is a layout folder, which may
 * hold backups already. Errors: FileError for a folder with other things in it. Source: `oras backup -o`.
 */
export async function layoutBackup(file: string): Promise<BackupTarget> {
  if (isArchivePath(file)) return new ArchiveBackup(file);
  await requireLayoutOrEmpty(file);
  return { content: new OciLayout(file), finish: async () => undefined, discard: async () => undefined };
}

class ArchiveBackup implements BackupTarget {
  readonly content: OciLayout;

  constructor(private readonly file: string) {
    const hidden = `.${path.basename(file)}-${randomUUID()}.layout`;
    this.content = new OciLayout(path.join(path.dirname(file), hidden));
  }

  async finish({ onSize, ...options }: BackupFinish = {}): Promise<void> {
    onSize?.(await layoutBytes(this.content.root));
    await writeLayoutTar(this.content.root, this.file, options);
  }

  async discard(): Promise<void> {
    await rm(this.content.root, { recursive: true, force: true });
  }
}

/** What stands in a folder whose making as a layout was cut short: the marker comes last. */
const UNFINISHED = new Set(['blobs', 'index.json', '.index.lock', '.ingest']);

async function requireLayoutOrEmpty(folder: string): Promise<void> {
  const names = (await onDisk(folder, () => unlessMissing(readdir(folder)))) ?? [];
  if (names.includes('oci-layout') || names.every((name) => UNFINISHED.has(name))) return;
  throw new FileError(folder, 'NOT_EMPTY', 'the folder has other things in it; choose a new or empty one');
}
