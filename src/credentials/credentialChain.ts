import type { Credential, CredentialQuery } from '../oci/credential';
import type { WaitOptions } from '../oci/target';
import type {
  CredentialLocations,
  CredentialLocator,
  CredentialSource,
  CredentialStore,
} from './credentialStore';

/** Several stores asked in order: the first that holds a credential for the host gives it. */
export class CredentialChain implements CredentialLocator {
  /** `sources` are all in their order, the stores among them. */
  constructor(
    readonly stores: readonly CredentialStore[],
    private readonly sources: readonly CredentialSource[] = stores,
  ) {}

  /** Errors: that of the first broken store, when none of the others holds a credential. */
  async credentialFor(host: string, query?: CredentialQuery): Promise<Credential | undefined> {
    const failures: Error[] = [];
    for (const source of this.sources) {
      const credential = await collecting(failures, () => source.get(host, query), query);
      if (credential) return credential;
    }
    throwFirst(failures);
    return undefined;
  }

  async locate(host: string, options?: WaitOptions): Promise<CredentialLocations> {
    const failures: Error[] = [];
    const holding: CredentialStore[] = [];
    for (const store of this.stores) {
      if (await collecting(failures, () => store.get(host, options), options)) holding.push(store);
    }
    return { holding, failures };
  }

  /** A broken store does not keep the others from removing; its error comes when all were tried. */
  async removeEverywhere(host: string, options?: WaitOptions): Promise<readonly CredentialStore[]> {
    const failures: Error[] = [];
    const removed: CredentialStore[] = [];
    for (const store of this.stores) {
      if (await collecting(failures, () => store.remove(host, options), options)) removed.push(store);
    }
    throwFirst(failures);
    return removed;
  }
}

async function collecting<T>(
  failures: Error[],
  work: () => Promise<T>,
  options: WaitOptions | undefined,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    options?.signal?.throwIfAborted();
    failures.push(error instanceof Error ? error : new Error(String(error)));
    return undefined;
  }
}

function throwFirst([first]: readonly Error[]): void {
  if (first) throw first;
}
