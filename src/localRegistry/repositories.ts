import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Digest } from '../oci/digest';
import { OciLayout } from '../targets/layout/ociLayout';
import { hasSystemCode } from '../targets/layout/systemError';
import { nameProblem } from './route';

/** The repositories of a folder: each is an OCI image layout at the path of its name. */
export class Repositories {
  private readonly opened = new Map<string, OciLayout>();

  /** `staging` is a folder for temporary files on the file system of `root`. */
  constructor(
    private readonly root: string,
    private readonly staging: string,
  ) {}

  /** For reading; undefined when there is no such repository. `name` has been checked. */
  async find(name: string): Promise<OciLayout | undefined> {
    const layout = this.opened.get(name) ?? this.layoutAt(name);
    if (!(await layout.isLayout())) return undefined;
    this.opened.set(name, layout);
    return layout;
  }

  /** For writing; the first write makes it. `name` has been checked. */
  open(name: string): OciLayout {
    const layout = this.opened.get(name) ?? this.layoutAt(name);
    this.opened.set(name, layout);
    return layout;
  }

  /** Names behind `last`, in the order of their bytes, without the repositories in which no manifest is left. */
  async *list(last?: string): AsyncIterable<string> {
    for await (const { name, layout } of this.all(last)) if (!(await layout.isEmpty())) yield name;
  }

  /** Some repository that has a blob. */
  async findBlob(digest: Digest): Promise<OciLayout | undefined> {
    for await (const { layout } of this.all())
      if ((await layout.blobSize(digest)) !== undefined) return layout;
    return undefined;
  }

  /** Folders that could be repositories, in the order of their names' bytes. */
  async *folders(): AsyncIterable<{ readonly name: string; readonly folder: string }> {
    for await (const name of this.names('')) yield { name, folder: this.folderOf(name) };
  }

  private async *all(last?: string): AsyncIterable<{ readonly name: string; readonly layout: OciLayout }> {
    for await (const name of this.names('', last)) {
      const layout = await this.find(name);
      if (layout) yield { name, layout };
    }
  }

  /**
   * Folders below `prefix` that could be repositories. A folder stands twice among its siblings, as `a` and, for what is
   * below it, as `a/`: only so is the whole in the order of bytes (`a`, `a-b`, `a/c`).
   */
  private async *names(prefix: string, last = ''): AsyncIterable<string> {
    const folders = (await this.foldersAt(prefix)).map(({ name }) => prefix + name);
    for (const key of folders.flatMap((name) => [name, `${name}/`]).sort()) {
      const isBranch = key.endsWith('/');
      if (isBranch && (key > last || last.startsWith(key))) yield* this.names(key, last);
      else if (!isBranch && key > last) yield key;
    }
  }

  private async foldersAt(prefix: string): Promise<readonly Dirent[]> {
    try {
      const entries = await readdir(path.join(this.root, prefix), { withFileTypes: true });
      return entries.filter((entry) => entry.isDirectory() && nameProblem(prefix + entry.name) === undefined);
    } catch (error) {
      if (hasSystemCode(error, 'ENOENT', 'ENOTDIR')) return [];
      throw error;
    }
  }

  private layoutAt(name: string): OciLayout {
    return new OciLayout(this.folderOf(name), { staging: this.staging });
  }

  private folderOf(name: string): string {
    return path.join(this.root, ...name.split('/'));
  }
}
