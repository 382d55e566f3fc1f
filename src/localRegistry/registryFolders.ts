import path from 'node:path';

/** Folders of the registry itself beside its repositories, whose names cannot be theirs. */
export interface RegistryFolders {
  /** Temporary files. */
  readonly staging: string;
  /** Uploads under way. */
  readonly uploads: string;
}

/** Where they are in the registry's folder. */
export function foldersOf(root: string): RegistryFolders {
  return { staging: path.join(root, '.staging'), uploads: path.join(root, '.uploads') };
}
