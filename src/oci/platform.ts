import type { Platform } from './descriptor';
import { InvalidContentError } from './errors';

/**
 * Reads `os/architecture[/variant][:os_version]`, as `oras --platform` takes it. Errors: InvalidContentError.
 */
export function parsePlatform(text: string): Platform {
  const [place = '', osVersion = ''] = splitOnce(text, ':');
  const [os = '', architecture = '', variant = '', ...rest] = place.split('/');
  if (os === '' || architecture === '' || rest.length > 0)
    throw new InvalidContentError(`The platform "${text}"`, 'it has the form os/architecture[/variant]');
  return orderedPlatform({
    architecture,
    os,
    ...(osVersion && { 'os.version': osVersion }),
    ...(variant && { variant }),
  });
}

/** A platform with its keys in Go's order and empty members left out. */
export function orderedPlatform(platform: Platform): Platform {
  const { architecture, os, 'os.version': version, 'os.features': features, variant } = platform;
  return {
    architecture,
    os,
    ...(version && { 'os.version': version }),
    ...(features?.length && { 'os.features': features }),
    ...(variant && { variant }),
  };
}

/** True when `offered` will do for `wanted`: what the wanted platform leaves open matches anything. */
export function platformMatches(offered: Platform, wanted: Platform): boolean {
  return (
    offered.os === wanted.os &&
    offered.architecture === wanted.architecture &&
    (!wanted.variant || offered.variant === wanted.variant) &&
    (!wanted['os.version'] || offered['os.version'] === wanted['os.version'])
  );
}

function splitOnce(text: string, separator: string): readonly string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + separator.length)];
}
