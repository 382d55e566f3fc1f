// Where things are kept. Everything that the scripts make lies in .cache/ (kept between runs) or out/ (results).
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout's top folder. */
export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** A path below the checkout's top folder. */
export const at = (...parts) => path.join(root, ...parts);

/** A path below .cache/. */
export const cache = (...parts) => at('.cache', ...parts);
