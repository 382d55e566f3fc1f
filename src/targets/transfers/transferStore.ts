import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { KeptTransfer, OpenTransfer, TransferKeep, TransferLimits } from '../../oci/transferStore';
import { ifExists, onDisk } from '../folder/fileError';
import { writeWholeFile } from '../folder/wholeFile';
import { claim, isClaimed } from './claim';
import { removeTree, TransferFolder } from './transferFolder';

const ID = /^[\w-]{1,64}$/;

/**
 * Transfers that can be continued, each a folder below `root`, shared by all windows: a process claims the one that it
 * works on, and one that is killed leaves its claim to whoever continues.
 */
export class TransferStore implements TransferKeep {
  constructor(private readonly root: string) {}

  /** Claims a transfer, which is made if it is new; undefined while another process or job has it. Errors: FileError. */
  async open(id: string): Promise<OpenTransfer | undefined> {
    const folder = this.folderOf(id);
    await onDisk(folder, () => mkdir(folder, { recursive: true, mode: 0o700 }));
    const claimed = await claim(folder);
    if (!claimed) return undefined;
    const data = new TransferFolder(folder);
    return {
      id,
      save: (record) => writeWholeFile(path.join(folder, 'record.json'), Buffer.from(JSON.stringify(record))),
      bring: (root) => data.bring(root),
      keep: (staging) => data.keep(staging),
      close: () => claimed.release(),
      remove: async () => {
        await data.removeData();
        await claimed.release();
        await removeTree(folder);
      },
    };
  }

  /** Made of the times at which something was put into a transfer's folder or taken from it. Errors: FileError. */
  async mark(): Promise<string> {
    const ids = [...(await this.ids())].sort();
    const times = ids.map(async (id) => {
      const folder = this.folderOf(id);
      return `${id} ${(await ifExists(folder, () => stat(folder)))?.mtimeMs}`;
    });
    return (await Promise.all(times)).join('\n');
  }

  /** The last changed first. Errors: FileError. */
  async list(): Promise<readonly KeptTransfer[]> {
    const kept = await Promise.all((await this.ids()).map((id) => this.look(id)));
    return kept.flatMap((each) => each ?? []).sort((a, b) => b.changedAtMs - a.changedAtMs);
  }

  /** Removes a transfer with what was received; false while somebody works on it. Errors: FileError. */
  async remove(id: string): Promise<boolean> {
    const opened = await this.open(id);
    await opened?.remove();
    return opened !== undefined;
  }

  /**
   * Takes in what killed processes have left in destinations; removes what is too old, then the oldest until the rest
   * fits. The last one stays whatever its size, for else a large pull could never be continued. Errors: FileError.
   */
  async clean({ maxBytes, maxAgeMs }: TransferLimits, nowMs = Date.now()): Promise<void> {
    let leftBytes = maxBytes;
    for (const [index, each] of (await this.list()).entries()) {
      leftBytes -= each.keptBytes;
      if (each.isRunning) continue;
      const isOver = leftBytes < 0 && index > 0 && each.keptBytes > 0;
      if (!isOver && nowMs - each.changedAtMs <= maxAgeMs) await this.sweep(each.id);
      else if (await this.remove(each.id)) leftBytes += each.keptBytes;
    }
  }

  /** Takes in what a process that died has left in the destination. */
  private async sweep(id: string): Promise<void> {
    const folder = this.folderOf(id);
    const data = new TransferFolder(folder);
    // Nothing is touched where nothing was left: the age of a transfer is that of its folder.
    if ((await data.leftBehind()) === undefined) return;
    const claimed = await claim(folder);
    const left = claimed && (await data.leftBehind());
    if (left !== undefined) await data.keep(left);
    await claimed?.release();
  }

  /** One alone; undefined when it is not there. Errors: FileError. */
  async look(id: string): Promise<KeptTransfer | undefined> {
    const folder = this.folderOf(id);
    const changed = await ifExists(folder, () => stat(folder));
    if (!changed) return undefined;
    const text = await readFile(path.join(folder, 'record.json'), 'utf8').catch(() => '');
    return {
      id,
      record: parsed(text),
      keptBytes: await new TransferFolder(folder).keptBytes(),
      changedAtMs: changed.mtimeMs,
      isRunning: await isClaimed(folder),
    };
  }

  private async ids(): Promise<readonly string[]> {
    const names = (await ifExists(this.root, () => readdir(this.root))) ?? [];
    return names.filter((name) => ID.test(name));
  }

  private folderOf(id: string): string {
    if (!ID.test(id)) throw new RangeError(`"${id}" is not the id of a transfer`);
    return path.join(this.root, id);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
