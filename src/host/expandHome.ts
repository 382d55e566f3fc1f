import os from 'node:os';
import path from 'node:path';

/** A path of the settings: `~/` at its beginning is the home folder. */
export function expandHome(file: string): string {
  return file.startsWith('~/') ? path.join(os.homedir(), file.slice(2)) : file;
}
