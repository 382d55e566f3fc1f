import type {
  EarlyWriter,
  Mounter,
  RangeReader,
  ReferrerLister,
  ReferrerSettler,
  RepositoryPlace,
  UnreadSource,
  WholeTeller,
} from './target';

/** True for a target that can take blobs from its registry's other repositories. */
export function canMount(target: object): target is Mounter {
  return has(target, 'mount');
}

/** True for a target that takes content before its digest is known. */
export function canWriteEarly(target: object): target is EarlyWriter {
  return has(target, 'beginEarly');
}

/** True for a file source that gives files before they were read for their digest. */
export function canGiveUnread(source: object): source is UnreadSource {
  return has(source, 'unread');
}

/** True for a target that can read the rest of a blob. */
export function canFetchFrom(target: object): target is RangeReader {
  return has(target, 'fetchFrom');
}

/** True for a target that can list what refers to a manifest. */
export function canListReferrers(target: object): target is ReferrerLister {
  return has(target, 'referrers');
}

/** True for a target that can make sure of many lists of referrers at once. */
export function canSettle(target: object): target is ReferrerSettler {
  return has(target, 'settling');
}

/** True for a target that can tell whether a manifest is there with all below it. */
export function canTellWhole(target: object): target is WholeTeller {
  return has(target, 'isWhole');
}

/** The repository that blobs of `source` can be mounted from into `destination`; undefined when they cannot. */
export function mountSource(source: object, destination: object): string | undefined {
  if (!canMount(destination) || !hasPlace(destination) || !hasPlace(source)) return undefined;
  const isSibling = source.host === destination.host && source.name !== destination.name;
  return isSibling ? source.name : undefined;
}

function hasPlace(target: object): target is RepositoryPlace {
  return (
    'host' in target && typeof target.host === 'string' && 'name' in target && typeof target.name === 'string'
  );
}

function has(target: object, ability: string): boolean {
  return ability in target && typeof (target as Readonly<Record<string, unknown>>)[ability] === 'function';
}
