import { withProgress } from '../host/progress';
import { pushManifest } from '../operations/manifest';
import { announce } from './announce';
import type { Services } from './services';

/** A manifest that is ready, and where it goes. */
export interface ManifestPush {
  readonly noun: 'index' | 'manifest';
  readonly host: string;
  readonly repository: string;
  readonly tags: readonly string[];
  readonly mediaType: string;
  /** Its bytes. */
  readonly base64: string;
}

/** Pushes a manifest as it is, says what came of it and shows it in the sidebar. Errors: those of `pushManifest`. */
export async function sendManifest(services: Services, push: ManifestPush): Promise<void> {
  const { noun, host, repository, tags, mediaType, base64 } = push;
  const text = `${host}/${repository}`;
  const during = `Pushing ${noun === 'index' ? 'the index' : 'a manifest'} to ${text}`;
  const target = services.openRegistry(host, { during }).repository(repository);
  const [tag] = tags;
  const named = tag ? `${text}:${tag}` : `to ${text}`;
  const transfer = { kind: 'manifest', title: `Push ${noun} ${named}`, job: push } as const;
  const bytes = Buffer.from(base64, 'base64');
  const descriptor = await withProgress(during, ({ signal }) =>
    services.transfers.run(transfer, { signal, onProgress: () => undefined }, (way) =>
      pushManifest(target, bytes, { mediaType, tags, signal: way.signal }),
    ),
  );
  const message = `Pushed the ${noun} ${named}. Digest: ${descriptor.digest}`;
  void announce(services, message, { host, repository, ...(tag && { tag }), descriptor });
  services.tree.refreshHost(host);
  await services.tree.reveal({ registry: host, repository, ...(tag && { tag }) });
}
