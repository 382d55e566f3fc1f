import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** Where a marked text was found: in which file or place, spelled how, and what stands around it. */
export interface Sighting {
  readonly where: string;
  readonly form: string;
  readonly context: string;
}

const MIN_PART_LENGTH = 16;

/**
 * Marked texts that must not be seen, and a search for them. Each begins with letters that nobody else uses, so that
 * it is found whatever became of the rest: in base64 at any place of a longer text, in hexadecimal, in UTF-16.
 */
export class Canary {
  private readonly mark = `q${randomBytes(9)
    .toString('hex')
    .replace(/[^a-z0-9]/g, '')}`;
  private readonly foreign = new Map<string, string>();
  private count = 0;

  /** A new marked text that has in it what is hard to write in JSON, in a URL and in a form. */
  secret(name: string): string {
    return `${this.mark}-${name}-${++this.count} & "<plus+>" 100%`;
  }

  /** A new marked text of letters, digits and hyphens. */
  word(name: string): string {
    return `${this.mark}-${name}-${++this.count}`;
  }

  /** A secret that somebody else made, so that it bears no mark: this part of it must not be seen either. */
  notice(name: string, part: string): void {
    if (part.length < MIN_PART_LENGTH) throw new Error(`Too short to be found by no chance: ${name}`);
    this.foreign.set(name, part);
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
    const foreign = [...this.foreign].flatMap(([name, part]) =>
      formsOf(part).map(([form, needle]) => [`${name}, ${form}`, needle] as const),
    );
    return new Map([...formsOf(this.mark), ...foreign]);
  }
}

/** The ways to write a text, by name. */
function formsOf(text: string): readonly (readonly [form: string, needle: Buffer])[] {
  const base64 = [0, 1, 2].map((shift): [string, Buffer] => {
    const whole = Buffer.from(' '.repeat(shift) + text).toString('base64');
    // The first and last characters depend on what stands beside.
    return [`base64 at ${shift}`, Buffer.from(whole.slice(shift === 0 ? 0 : 4, -4))];
  });
  return [
    ['as it is', Buffer.from(text)],
    ['in UTF-16', Buffer.from(text, 'utf16le')],
    ['in hexadecimal', Buffer.from(Buffer.from(text).toString('hex'))],
    ['backwards', Buffer.from([...text].reverse().join(''))],
    ...base64,
  ];
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
}
