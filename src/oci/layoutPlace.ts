import path from 'node:path';
import type { RepositoryPlace } from './target';

const PREFIX = 'layout:';
/** What follows the colon of a registry host is a port, never the beginning of a path. */
const LAYOUT_HOST = /^layout:(?:[\\/]|[a-zA-Z]:[\\/])/;

/**
 * Where an OCI layout folder or archive on disk is, in the words of registries: the folder that it is in stands for
 * the registry, its own name for the repository. `file` is absolute.
 */
export function layoutPlace(file: string): RepositoryPlace {
  return { host: `${PREFIX}${path.dirname(file)}`, name: path.basename(file) };
}

/** True for a host that stands for a folder of layouts: it has no settings and no sign-in. */
export function isLayoutHost(host: string): boolean {
  return LAYOUT_HOST.test(host);
}

/** The path of the layout; the inverse of `layoutPlace`. */
export function layoutPath({ host, name }: RepositoryPlace): string {
  return path.join(host.slice(PREFIX.length), name);
}

/** True for a path that layouts are kept in as one plain tar, which is only read. */
export function isArchivePath(file: string): boolean {
  return file.toLowerCase().endsWith('.tar');
}
