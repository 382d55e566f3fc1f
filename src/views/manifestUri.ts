import { URI } from 'vscode-uri';
import { isDigest, type Digest } from '../oci/digest';
import { isLayoutHost } from '../oci/layoutPlace';

/** The scheme of manifest documents. */
export const MANIFEST_SCHEME = 'oci-manifest';

/** A manifest in a repository, by digest: its document never changes. */
export interface ManifestAddress {
  /** `host[:port]`. */
  readonly host: string;
  readonly repository: string;
  readonly digest: Digest;
}

/**
 * `oci-manifest://host/repository/algorithm:hex.json`, as text. The folder of a layout is no authority of an address: it
 * stands in the query.
 */
export function manifestUri({ host, repository, digest }: ManifestAddress): string {
  return URI.from({
    scheme: MANIFEST_SCHEME,
    ...(isLayoutHost(host) ? { query: host } : { authority: host }),
    path: `/${repository}/${digest}.json`,
  }).toString();
}

/** The inverse of `manifestUri`; undefined for any other text. */
export function parseManifestUri(text: string): ManifestAddress | undefined {
  const { scheme, authority, path, query } = partsOf(text);
  const [, repository = '', digest = ''] = /^\/(.+)\/([^/]+)\.json$/.exec(path) ?? [];
  if (scheme !== MANIFEST_SCHEME || !isDigest(digest)) return undefined;
  const host = authority === '' && isLayoutHost(query) ? query : authority;
  return { host, repository, digest };
}

function partsOf(text: string): Pick<URI, 'scheme' | 'authority' | 'path' | 'query'> {
  try {
    return URI.parse(text);
  } catch {
    return { scheme: '', authority: '', path: '', query: '' };
  }
}
