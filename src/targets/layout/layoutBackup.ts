import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { BackupFinish, BackupTarget } from '../../oci/backupTarget';
import { FileError } from '../../oci/errors';
import { isArchivePath } from '../../oci/layoutPlace';
import { KEPT_LAYOUT, type StagingKeeper } from '../../oci/transferStore';
import { onDisk } from '../folder/fileError';
import { OciLayout } from './ociLayout';
import { unlessMissing } from './systemError';
import { layoutBytes, writeLayoutTar } from './writeLayoutTar';

/**
 * A backup at a path: a `.tar` is packed from a hidden layout beside it, anything else is a layout folder, which may
 * hold backups already. With a keeper, the hidden layout of one that stopped is there for the next try.
 * Errors: FileError for a folder with other things in it. Source: `oras backup -o`.
 */
export async function layoutBackup(file: string, keeper?: StagingKeeper): Promise<BackupTarget> {
  if (isArchivePath(file)) return newArchive(file, keeper);
  await requireLayoutOrEmpty(file);
  return { content: new OciLayout(file), finish: async () => undefined, discard: async () => undefined };
}

async function newArchive(file: string, keeper: StagingKeeper | undefined): Promise<BackupTarget> {
  const folder = path.dirname(file);
  if (!keeper)
    return new ArchiveBackup(file, path.join(folder, `.${path.basename(file)}-${randomUUID()}.layout`));
  await onDisk(folder, () => mkdir(folder, { recursive: true }));
  return new ArchiveBackup(file, await keeper.bring(folder), keeper);
}

class ArchiveBackup implements BackupTarget {
  readonly content: OciLayout;
  private isThrough = false;

  constructor(
    private readonly file: string,
    private readonly staging: string,
    private readonly keeper?: StagingKeeper,
  ) {
    this.content = new OciLayout(path.join(staging, KEPT_LAYOUT));
  }

  async finish({ onSize, ...options }: BackupFinish = {}): Promise<void> {
    onSize?.(await layoutBytes(this.content.root));
    await writeLayoutTar(this.content.root, this.file, options);
    this.isThrough = true;
  }

  async discard(): Promise<void> {
    if (this.keeper && !this.isThrough) await this.keeper.keep(this.staging);
    else await rm(this.staging, { recursive: true, force: true });
  }
}

/** What stands in a folder whose making as a layout was cut short: the marker comes last. */
const UNFINISHED = new Set(['blobs', 'index.json', '.index.lock', '.ingest']);

async function requireLayoutOrEmpty(folder: string): Promise<void> {
  const names = (await onDisk(folder, () => unlessMissing(readdir(folder)))) ?? [];
  if (names.includes('oci-layout') || names.every((name) => UNFINISHED.has(name))) return;
  throw new FileError(folder, 'NOT_EMPTY', 'the folder has other things in it; choose a new or empty one');
}
