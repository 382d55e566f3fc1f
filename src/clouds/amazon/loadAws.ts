import { createRequire } from 'node:module';
import type { Aws } from './aws';

/** Gives AWS's side; the first call loads its program (dist/aws.js) from `file`, an absolute path. */
export function awsLoader(file: string): () => Aws {
  let loaded: Aws | undefined;
  return () => (loaded ??= load(file).createAws());
}

/** By `require`: the extension host patches what is loaded so, for proxies and certificates. */
function load(file: string): { createAws(): Aws } {
  return createRequire(file)(file) as { createAws(): Aws };
}
