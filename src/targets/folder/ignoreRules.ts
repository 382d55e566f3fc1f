import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import ignore, { type Ignore } from 'ignore';
import { FileError } from '../../oci/errors';
import { ifExists } from './fileError';

/** The file in a folder that says what of it is not pushed, with the syntax of `.gitignore`. */
export const IGNORE_FILE = '.ociignore';

/** The largest ignore file that is read, in bytes. */
const MAX_IGNORE_FILE_BYTES = 1024 * 1024;

/** The rules of one ignore file. `base` is its folder's path from the root with `/` behind it; empty for the root. */
interface IgnoreLevel {
  readonly base: string;
  readonly rules: Ignore;
}

/**
 * What the ignore files of a folder and those above it say, up to the root of the walk. A file in a deeper folder counts
 * more; what lies in an ignored folder is not asked about. Spec: gitignore(5).
 */
export class IgnoreRules {
  private constructor(
    private readonly fileName: string,
    private readonly levels: readonly IgnoreLevel[],
  ) {}

  /** The rules before any file was read. */
  static named(fileName: string): IgnoreRules {
    return new IgnoreRules(fileName, []);
  }

  /** The rules inside a folder that is not ignored. `relativePath` is empty for the root. Errors: FileError. */
  async inside(root: string, relativePath: string): Promise<IgnoreRules> {
    const text = await readRules(path.join(root, relativePath, this.fileName));
    const opened =
      relativePath === '' ? this.levels : this.levels.map((level) => reopened(level, relativePath));
    if (text === undefined) return new IgnoreRules(this.fileName, opened);
    const base = relativePath === '' ? '' : `${relativePath}/`;
    return new IgnoreRules(this.fileName, [
      ...opened,
      { base, rules: ignore({ ignorecase: false }).add(text) },
    ]);
  }

  /** `relativePath` is from the root, and its folder is not ignored. */
  ignores(relativePath: string, isFolder: boolean): boolean {
    for (const { base, rules } of [...this.levels].reverse()) {
      const { ignored, unignored } = rules.test(relativePath.slice(base.length) + (isFolder ? '/' : ''));
      if (ignored || unignored) return ignored;
    }
    return false;
  }
}

/**
 * A rule of a deeper file may have taken a folder in again that an upper file ignores. The upper file's other rules go
 * on to count in it, which they do only when that folder is no longer ignored by them.
 */
function reopened(level: IgnoreLevel, relativePath: string): IgnoreLevel {
  const inner = relativePath.slice(level.base.length);
  if (!level.rules.test(`${inner}/`).ignored) return level;
  return {
    ...level,
    rules: ignore({ ignorecase: false })
      .add(level.rules)
      .add(`!/${escaped(inner)}/`),
  };
}

function escaped(pattern: string): string {
  return pattern.replace(/[\\*?[\]!# ]/g, '\\$&');
}

/** Undefined when there is no such file. */
async function readRules(file: string): Promise<string | undefined> {
  const stats = await ifExists(file, () => stat(file));
  if (!stats?.isFile()) return undefined;
  if (stats.size > MAX_IGNORE_FILE_BYTES)
    throw new FileError(file, 'TOO_LARGE', `it is larger than ${MAX_IGNORE_FILE_BYTES} bytes`);
  return ifExists(file, () => readFile(file, 'utf8'));
}
