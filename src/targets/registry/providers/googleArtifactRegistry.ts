import { UnsupportedError } from '../../../oci/errors';
import type { ListOptions, WaitOptions } from '../../../oci/target';
import { listRepositories as listCatalog } from '../lister';
import { pages, type JsonObject, type Page } from '../pages';
import { removeContent, removeTag } from '../remover';
import { RepositoryAddress } from '../repositoryAddress';
import { mediaTypes } from '../../../oci/mediaTypes';
import { registryFailure } from '../../../transport/registryFailure';
import { Catalog, listParts } from './parts';
import type { ProviderContext, RegistryProvider } from './provider';

/** How deep repositories may lie below a project; a name of 255 characters allows no more. */
const MAX_DEPTH = 128;

/**
 * Google Artifact Registry and Container Registry. Their tag lists have two more members: `child`, the names of what
 * lies below, and `manifest`, the tags of each digest. A manifest is deleted only when no tag is left on it.
 * Source: Google Cloud, "Configure authentication to Artifact Registry for Docker"; go-containerregistry, pkg/v1/google.
 */
export const googleArtifactRegistry: RegistryProvider = {
  kind: 'googleArtifactRegistry',
  name: 'Google Artifact Registry',
  signIn: {
    usernamePrompt: 'User name',
    choices: [
      {
        username: 'oauth2accesstoken',
        label: 'Access token',
        detail: 'Of your gcloud account, good for an hour',
        secretPrompt: 'Output of: gcloud auth print-access-token',
      },
      {
        username: '_json_key',
        label: 'Service account key file',
        detail: 'The JSON file that was downloaded for the key',
        secretPrompt: 'JSON key file',
        fromFile: true,
      },
      {
        username: '_json_key_base64',
        label: 'Service account key, base64',
        detail: 'The same file in base64 encoding, pasted',
        secretPrompt: 'JSON key file in base64 encoding',
      },
    ],
  },
  namespaceWord: 'project',
  matches: (host) => /^(?:[a-z0-9-]+-docker\.pkg\.dev|(?:[a-z0-9-]+\.)?gcr\.io)$/.test(host),
  listRepositories,
  removeManifest,
};

async function* listRepositories(
  context: ProviderContext,
  options: ListOptions = {},
): AsyncGenerator<string, void> {
  const { transport, host, namespaces } = context;
  if (namespaces.length === 0) {
    yield* orNone(() => listCatalog(transport, host, options));
    return;
  }
  const catalog = new Catalog(context, options);
  const parts = [...new Set(namespaces)].map((namespace) => ({
    list: () => repositoriesBelow(context, namespace, options),
    inRegistry: () => catalog.below(namespace),
  }));
  yield* listParts(parts, options);
}

/** Without a catalog there is nothing to list until a project is named. */
async function* orNone(list: () => AsyncIterable<string>): AsyncGenerator<string, void> {
  try {
    yield* list();
  } catch (error) {
    if (!(error instanceof UnsupportedError)) throw error;
  }
}

async function* repositoriesBelow(
  context: ProviderContext,
  name: string,
  options: ListOptions,
  depth = 0,
): AsyncGenerator<string, void> {
  const children: string[] = [];
  let hasContent = false;
  for await (const page of tagPages(context, name, options)) {
    children.push(...strings(page.fields['child']));
    hasContent ||= strings(page.fields['tags']).length > 0 || manifestsOf(page).length > 0;
  }
  if (hasContent) yield name;
  if (depth >= MAX_DEPTH) return;
  const parts = children.map((child) => ({
    list: () => repositoriesBelow(context, `${name}/${child}`, options, depth + 1),
  }));
  yield* listParts(parts, options);
}

async function removeManifest(
  context: ProviderContext,
  { repository, digest }: { repository: string; digest: `${string}:${string}` },
  options: WaitOptions = {},
): Promise<void> {
  const address = addressOf(context, repository);
  const tags: string[] = [];
  for await (const page of tagPages(context, repository, options)) {
    if (page.fields['manifest'] === undefined)
      throw new UnsupportedError('listing tags by digest', context.host);
    const found = manifestsOf(page).find(([known]) => known === digest)?.[1];
    tags.push(...strings((found as JsonObject | undefined)?.['tag']));
  }
  for (const tag of tags) await removeTag(address, tag, options);
  await removeContent(address, { mediaType: mediaTypes.ociManifest, digest, size: 0 }, options);
}

function tagPages(context: ProviderContext, name: string, options: ListOptions): AsyncIterable<Page> {
  const address = addressOf(context, name);
  const request = {
    host: context.host,
    repository: address.apiName,
    path: address.path('tags/list'),
    scopes: [address.scope('pull')],
  };
  const refuse = async (response: Parameters<typeof registryFailure>[0]) =>
    response.status === 200
      ? undefined
      : registryFailure(response, { method: 'GET', what: address.describe() });
  const what = `The tag list of ${address.describe()}`;
  return pages({ transport: context.transport, request, sized: true, what, refuse }, options);
}

function addressOf({ transport, host }: ProviderContext, name: string): RepositoryAddress {
  return new RepositoryAddress(transport, host, name);
}

function manifestsOf({ fields }: Page): [string, unknown][] {
  const { manifest } = fields;
  return typeof manifest === 'object' && manifest !== null ? Object.entries(manifest) : [];
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : [];
}
