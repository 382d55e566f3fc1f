import type { ScriptedAnswer, SeenRequest } from '../scriptedServer';
import { inTokenMode, json, specError, urlOf, webPage } from './answers';

/** Tags by digest, of the repository `project/images/app`. */
export type TagsByDigest = Map<string, string[]>;

const CHILDREN: Readonly<Record<string, readonly string[]>> = {
  project: ['charts', 'images'],
  'project/charts': [],
  'project/images': ['app', 'base'],
};

/**
 * Google Artifact Registry by go-containerregistry's pkg/v1/google, which reads `child` and `manifest` in tag lists, and
 * by Google Cloud's page on deleting images: tags go first. Without a catalog; a referrers request leads to a login
 * page. Children come with a second page. No live run.
 */
export function googleRegistry(images: TagsByDigest) {
  return inTokenMode({ tokenPath: '/v2/token', service: 'us-docker.pkg.dev' }, (request) => {
    const { pathname } = urlOf(request);
    if (pathname === '/v2/_catalog') return webPage;
    if (pathname.includes('/referrers/')) return { status: 302, headers: { Location: '/ServiceLogin' } };
    const name = /^\/v2\/(.+)\/tags\/list$/.exec(pathname)?.[1];
    if (name !== undefined) return tagList(request, name, images);
    const reference = /^\/v2\/project\/images\/app\/manifests\/(.+)$/.exec(pathname)?.[1];
    if (request.line.startsWith('DELETE') && reference !== undefined) return remove(reference, images);
    return specError(404, 'NAME_UNKNOWN', 'Repository not found');
  });
}

function tagList(request: SeenRequest, name: string, images: TagsByDigest): ScriptedAnswer {
  if (name === 'project/images/app') return json(appTags(images));
  if (name === 'project/images/base') return json({ child: [], manifest: {}, name, tags: ['v1'] });
  const child = CHILDREN[name];
  if (!child) return specError(404, 'NAME_UNKNOWN', 'Repository not found');
  const isSecond = urlOf(request).searchParams.has('last');
  if (child.length === 0) return json({ child, manifest: {}, name, tags: [] });
  const page = { manifest: {}, name, tags: [] };
  return isSecond
    ? json({ ...page, child: child.slice(1) })
    : json({ ...page, child: child.slice(0, 1) }, { Link: `</v2/${name}/tags/list?last=x>; rel="next"` });
}

function appTags(images: TagsByDigest) {
  const manifest = Object.fromEntries(
    [...images].map(([digest, tag]) => [
      digest,
      { imageSizeBytes: '32', mediaType: 'application/vnd.oci.image.manifest.v1+json', tag },
    ]),
  );
  return { child: [], manifest, name: 'project/images/app', tags: [...images.values()].flat() };
}

function remove(reference: string, images: TagsByDigest): ScriptedAnswer {
  for (const tags of images.values()) {
    const at = tags.indexOf(reference);
    if (at >= 0) tags.splice(at, 1);
  }
  if (!reference.includes(':')) return { status: 202 };
  if ((images.get(reference) ?? []).length > 0) {
    return specError(400, 'GOOGLE_MANIFEST_DANGLING_TAG', 'Manifest is still referenced by tag');
  }
  images.delete(reference);
  return { status: 202 };
}
