import type { Credential } from '../../src/oci/credential';
import type { Progress } from '../../src/oci/progress';
import { planPull } from '../../src/operations/planPull';
import { pull, type PullResult } from '../../src/operations/pull';
import { FolderSink } from '../../src/targets/folder/folderSink';
import { Registry } from '../../src/targets/registry/registry';
import { TransferStore } from '../../src/targets/transfers/transferStore';
import { testTransport } from './testTransport';

/** A pull whose parts are kept. `store` is the folder of the transfers. */
export interface ContinuedPull {
  readonly host: string;
  readonly repository: string;
  readonly reference: string;
  readonly folder: string;
  readonly store: string;
  readonly id?: string;
  readonly credential?: Credential;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

/** Pulls as the extension does: what an earlier try received is not fetched again. */
export async function continuedPull(options: ContinuedPull): Promise<PullResult> {
  const { host, repository, reference, folder, store, id = 'pull', credential, signal, onProgress } = options;
  const keeper = await new TransferStore(store).open(id);
  if (!keeper) throw new Error(`another process works on ${id}`);
  const source = new Registry(host, testTransport({ credential })).repository(repository);
  const wait = signal ? { signal } : {};
  try {
    const plan = await planPull(source, reference, wait);
    const result = await pull(source, plan, new FolderSink(folder, { keeper }), {
      policy: 'overwrite',
      ...wait,
      ...(onProgress && { onProgress }),
    });
    await keeper.remove();
    return result;
  } catch (error) {
    await keeper.close();
    throw error;
  }
}
