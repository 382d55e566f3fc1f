import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** Where a marked text was found: in which file or place, spelled how, and what stands around it. */
export interface Sighting {
  readonly where: string;
  readonly form: string;
  readonly context: string;
}

/**
 * Marked texts that must not be seen, and a search for them. Each begins with letters that nobody else uses, so that
 * it is found whatever became of the rest: in base64 at any place of a longer text, in hexadecimal, in UTF-16.
 */
export class Canary {
  private readonly mark = `q${randomBytes(9)
    .toString('hex')
    .replace(/[^a-z0-9]/g, '')}`;
  private count = 0;

  /** A new marked text that has in it what is hard to write in JSON, in a URL and in a form. */
  secret(name: string): string {
    return `${this.mark}-${name}-${++this.count} & "<plus+>" 100%`;
  }

  /** A new marked text of letters, digits and hyphens. */
  word(name: string): string {
    return `${this.mark}-${name}-${++this.count}`;
  }

  /** The marked texts in a text or in the bytes of a file. */
  sightings(where: string, content: string | Buffer): Sighting[] {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    return [...this.forms()].flatMap(([form, needle]) => {
      const at = bytes.indexOf(needle);
      if (at < 0) return [];
      const context = bytes.subarray(Math.max(0, at - 60), at + 120).toString('latin1');
      return [{ where, form, context: context.replace(/[^\x20-\x7e]+/g, '·') }];
    });
  }

  /** The marked texts in all files below a folder, and how many files there are. `skip` names paths to leave out. */
  async sightingsBelow(
    folder: string,
    skip: readonly string[] = [],
  ): Promise<{ files: number; found: Sighting[] }> {
    const found: Sighting[] = [];
    let files = 0;
    for (const file of await filesBelow(folder)) {
      if (skip.some((left) => file.startsWith(left))) continue;
      // Others may remove it meanwhile.
      const bytes = await readFile(file).catch(() => undefined);
      if (!bytes) continue;
      files++;
      found.push(...this.sightings(file, bytes));
    }
    return { files, found };
  }

  private forms(): ReadonlyMap<string, Buffer> {
    const { mark } = this;
    const base64 = [0, 1, 2].map((shift): [string, Buffer] => {
      const whole = Buffer.from(' '.repeat(shift) + mark).toString('base64');
      // The first and last characters depend on what stands beside.
      return [`base64 at ${shift}`, Buffer.from(whole.slice(shift === 0 ? 0 : 4, -4))];
    });
    return new Map([
      ['as it is', Buffer.from(mark)],
      ['in UTF-16', Buffer.from(mark, 'utf16le')],
      ['in hexadecimal', Buffer.from(Buffer.from(mark).toString('hex'))],
      ['backwards', Buffer.from([...mark].reverse().join(''))],
      ...base64,
    ]);
  }
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
}
