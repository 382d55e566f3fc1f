import path from 'node:path';
import { importsOf, type Import } from './imports';

/** A source file: its path from the checkout's top with forward slashes, and its text. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

interface Room {
  /** Folders that the room may import, as paths below src/ (or media/). */
  readonly may: readonly string[];
  /** Folders of which it may import types alone. */
  readonly mayTypes?: readonly string[];
  readonly vscode?: true;
}

/** Who may import whom; ARCHITECTURE.md has the same table with the reasons. A room may always import itself. */
const rooms: Readonly<Record<string, Room>> = {
  oci: { may: [] },
  transport: { may: ['src/oci'] },
  credentials: { may: ['src/oci'] },
  clouds: { may: ['src/oci', 'src/transport', 'src/credentials', 'src/targets/registry/providers'] },
  targets: { may: ['src/oci', 'src/transport'] },
  localRegistry: { may: ['src/oci', 'src/targets/layout'] },
  operations: { may: ['src/oci'] },
  host: { may: ['src/oci'], mayTypes: ['src/transport', 'src/credentials'], vscode: true },
  views: { may: ['src/operations', 'src/oci', 'src/host', 'media/*/messages'], vscode: true },
  commands: { may: ['src/operations', 'src/oci', 'src/host'], vscode: true },
  wiring: { may: ['src', 'media/*/messages'], vscode: true },
  'extension.ts': { may: ['src/oci', 'src/host', 'src/wiring'], vscode: true },
};

/** Each breach of the walls in these files, as a sentence. */
export function breaches(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) =>
    importsOf(file.text)
      .map((found) => breachOf(file.path, found))
      .filter((breach) => breach !== undefined),
  );
}

function breachOf(file: string, found: Import): string | undefined {
  const [top, second = ''] = file.split('/');
  const allowed = top === 'media' ? mayPageImport(file, found) : mayRoomImport(second, file, found);
  return allowed ? undefined : `${file} must not import ${found.specifier}`;
}

function mayRoomImport(name: string, file: string, found: Import): boolean {
  const room = rooms[name];
  if (!room) return false;
  if (found.specifier === 'vscode') return room.vscode === true;
  const target = targetOf(file, found);
  if (target === undefined) return true;
  const places = [`src/${name}`, ...room.may, ...(found.typeOnly ? (room.mayTypes ?? []) : [])];
  return places.some((place) => isInside(target, place));
}

/** Page code runs in a browser: its own folder, what pages share and packages, and messages.ts nothing at all. */
function mayPageImport(file: string, found: Import): boolean {
  if (path.posix.basename(file) === 'messages.ts') return false;
  const target = targetOf(file, found);
  if (target === undefined) return found.specifier !== 'vscode' && !found.specifier.startsWith('node:');
  return isInside(target, path.posix.dirname(file)) || isInside(target, 'media/common');
}

/** The path that a relative import leads to; undefined for a package. */
function targetOf(file: string, { specifier }: Import): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  return path.posix.join(path.posix.dirname(file), specifier);
}

/** `*` in the place stands for one folder. */
function isInside(target: string, place: string): boolean {
  const wanted = place.split('/');
  const parts = target.split('/');
  return wanted.every((part, at) => part === '*' || part === parts[at]);
}
