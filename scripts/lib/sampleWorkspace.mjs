import { cpSync, existsSync } from 'node:fs';
import { at } from './places.mjs';

/** Copies the sample workspace to a folder, unless there is one from an earlier run with what a person did in it. */
export function copySampleWorkspace(folder) {
  if (!existsSync(folder)) cpSync(at('scripts/samples/workspace'), folder, { recursive: true });
}
