import { createHash } from 'node:crypto';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import path from 'node:path';

/** Path below a folder, with `/` → what is there: a short hash of a file's bytes, `folder`, or where a link leads. */
export type FolderState = Readonly<Record<string, string>>;

/** Everything below a folder, hidden things too; empty for a folder that is not there. */
export async function lookInto(folder: string): Promise<FolderState> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const entries = names.sort().map(async (name): Promise<[string, string]> => {
    const full = path.join(folder, name);
    const stats = await lstat(full);
    const text = stats.isDirectory()
      ? 'folder'
      : stats.isSymbolicLink()
        ? `link to ${await readlink(full)}`
        : shortHash(await readFile(full));
    return [name.split(path.sep).join('/'), text];
  });
  return Object.fromEntries(await Promise.all(entries));
}

/** Tags of an OCI layout, by name, for index.json has them in any order, and what is wrong with it: a blob with other bytes than its name, a tag without its content. */
export async function lookAtLayout(
  folder: string,
): Promise<{ readonly tags: Readonly<Record<string, string>>; readonly broken: readonly string[] }> {
  const broken: string[] = [];
  const tags: Record<string, string> = {};
  const blobs = new Set<string>();
  const base = path.join(folder, 'blobs', 'sha256');
  for (const hex of await readdir(base).catch(() => [])) {
    blobs.add(`sha256:${hex}`);
    if (hashOf(await readFile(path.join(base, hex))) !== hex) broken.push(`blob ${hex} has other bytes`);
  }
  const text = await readFile(path.join(folder, 'index.json'), 'utf8').catch(() => '{"manifests":[]}');
  const { manifests } = JSON.parse(text) as { manifests: LayoutEntry[] };
  for (const { digest, annotations } of manifests) {
    await checkBelow({ digest, base, blobs }, broken);
    const tag = annotations?.['org.opencontainers.image.ref.name'];
    if (tag !== undefined) tags[tag] = digest;
  }
  const byName = Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : 1));
  return { tags: Object.fromEntries(byName), broken };
}

interface LayoutEntry {
  readonly digest: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

interface Fields {
  readonly config?: { readonly digest: string };
  readonly layers?: readonly { readonly digest: string }[];
  readonly manifests?: readonly { readonly digest: string }[];
}

async function checkBelow(
  { digest, base, blobs }: { digest: string; base: string; blobs: ReadonlySet<string> },
  broken: string[],
): Promise<void> {
  if (!blobs.has(digest)) return void broken.push(`manifest ${digest} is missing`);
  const text = await readFile(path.join(base, digest.slice('sha256:'.length)), 'utf8');
  const { config, layers = [], manifests = [] } = JSON.parse(text) as Fields;
  for (const blob of [...(config ? [config] : []), ...layers])
    if (!blobs.has(blob.digest)) broken.push(`blob ${blob.digest} of ${digest} is missing`);
  for (const child of manifests) await checkBelow({ digest: child.digest, base, blobs }, broken);
}

function shortHash(bytes: Uint8Array): string {
  return hashOf(bytes).slice(0, 16);
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
