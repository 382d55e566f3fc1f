import { existsSync } from 'node:fs';
import path from 'node:path';

/**
 * The checkout's top folder, found from where the running bundle lies.
 * Errors: Error when no folder above holds package-lock.json.
 */
export function projectRoot(from: string = __dirname): string {
  if (existsSync(path.join(from, 'package-lock.json'))) return from;
  const parent = path.dirname(from);
  if (parent === from) throw new Error(`No package-lock.json above ${__dirname}`);
  return projectRoot(parent);
}
