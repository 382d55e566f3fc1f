// pullOnce HOST REPOSITORY REFERENCE FOLDER STORE: pulls once, keeping what came in a store of transfers. Tells its
// parent how many bytes it has.
import { continuedPull } from '../support/continuedPull';

const [host = '', repository = '', reference = '', folder = '', store = ''] = process.argv.slice(2);

void continuedPull({
  host,
  repository,
  reference,
  folder,
  store,
  onProgress: ({ doneBytes }) => void process.send?.(doneBytes),
});
