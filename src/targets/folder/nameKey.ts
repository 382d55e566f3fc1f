/**
 * What two names have in common that are one name on a disk of this platform: on Windows and macOS names that differ by
 * case, ligature or composition alone count as one. Lower case comes first, for `ẞ` has no other way to `SS`.
 */
export function nameKey(name: string, platform: NodeJS.Platform): string {
  return foldsNames(platform) ? name.normalize('NFKD').toLowerCase().toUpperCase() : name;
}

/** True where two spellings may be one name. */
export function foldsNames(platform: NodeJS.Platform): boolean {
  return platform === 'win32' || platform === 'darwin';
}
