import * as vscode from 'vscode';
import { pickSeveral } from '../host/pick';
import { withProgress } from '../host/progress';
import { referenceText, tagOrDigest } from '../host/rowTarget';
import { platformName, type Descriptor } from '../oci/descriptor';
import { shortDigest, type Digest } from '../oci/digest';
import { InvalidContentError } from '../oci/errors';
import type { Manifest } from '../oci/manifest';
import { isIndexType } from '../oci/mediaTypes';
import { previewIndexUpdate, type UpdateIndexOptions } from '../operations/imageIndex';
import { fetchManifest } from '../operations/manifest';
import { askAnnotations } from './askAnnotations';
import { askIndexType } from './askIndexType';
import { askManifest, repositoryOf } from './askManifest';
import { askTagNames } from './askTagNames';
import { attempt } from './attempt';
import { pushIndex } from './pushIndex';
import type { Command } from './services';

/** Adds to an index, removes from it, changes what it says of itself; shows it before it is pushed. */
export const updateIndex: Command = async (services, row) => {
  const target = await askManifest(services, row, 'Update index');
  if (!target) return;
  const { host, repository } = target;
  const text = referenceText(target);
  await attempt(services, { what: `${text} was not updated`, host }, async () => {
    const source = repositoryOf(services, target, `Updating ${text}`);
    const reference = tagOrDigest(target);
    const { manifest, descriptor } = await withProgress(`Reading ${text}`, ({ signal }) =>
      fetchManifest(source, reference, { signal }),
    );
    if (!isIndexType(manifest.mediaType)) throw new InvalidContentError(`"${text}"`, 'it is no index');
    const changes = await askChanges(`Update index ${text}`, manifest);
    if (!changes) return;
    const prompt = 'Tags of the updated index; nothing leaves it to be found by its digest';
    const tags = await askTagNames({ title: `Update index ${text}: tags`, prompt, value: target.tag ?? '' });
    if (!tags) return;
    const index = await withProgress(`Reading what goes into ${text}`, ({ signal }) =>
      previewIndexUpdate(source, descriptor.digest, { ...changes, signal }),
    );
    await pushIndex(services, { host, repository, tags, index });
  });
};

type Changes = Omit<UpdateIndexOptions, 'tags' | 'signal'>;
type Step = (title: string, manifest: Manifest) => Promise<Changes | undefined>;

interface StepItem extends vscode.QuickPickItem {
  readonly ask: Step;
}

const STEPS: readonly StepItem[] = [
  { label: 'Add manifests', iconPath: new vscode.ThemeIcon('add'), ask: askAdded },
  { label: 'Remove manifests', iconPath: new vscode.ThemeIcon('remove'), ask: askRemoved },
  {
    label: 'Merge indexes',
    detail: 'Adds the manifests that other indexes have',
    iconPath: new vscode.ThemeIcon('merge'),
    ask: askMerged,
  },
  { label: 'Change annotations', iconPath: new vscode.ThemeIcon('note'), ask: askChangedAnnotations },
  { label: 'Change artifact type', iconPath: new vscode.ThemeIcon('symbol-property'), ask: askChangedType },
];

/** What to change is chosen first; then only that is asked. Undefined when dismissed. */
async function askChanges(title: string, manifest: Manifest): Promise<Changes | undefined> {
  const steps = await pickSeveral(STEPS, {
    title: `${title}: what to change`,
    ignoreFocusOut: true,
  });
  if (!steps || steps.length === 0) return undefined;
  let changes: Changes = {};
  for (const { ask } of steps) {
    const answer = await ask(title, manifest);
    if (!answer) return undefined;
    changes = { ...changes, ...answer };
  }
  return changes;
}

async function askAdded(title: string): Promise<Changes | undefined> {
  const prompt = 'Tags or digests of manifests in the same repository';
  const add = await askTagNames({ title: `${title}: manifests to add`, prompt, digests: true, least: 1 });
  return add && { add };
}

async function askMerged(title: string): Promise<Changes | undefined> {
  const prompt = 'Tags or digests of indexes in the same repository';
  const merge = await askTagNames({ title: `${title}: indexes to merge`, prompt, digests: true, least: 1 });
  return merge && { merge };
}

async function askRemoved(title: string, { manifests }: Manifest): Promise<Changes | undefined> {
  const items = manifests.map((entry) => ({
    label: entryName(entry),
    description: shortDigest(entry.digest),
    digest: entry.digest,
  }));
  const chosen = await pickSeveral<vscode.QuickPickItem & { digest: Digest }>(items, {
    title: `${title}: manifests to remove`,
    ignoreFocusOut: true,
  });
  return chosen && { remove: [...new Set(chosen.map(({ digest }) => digest))] };
}

async function askChangedAnnotations(title: string, manifest: Manifest): Promise<Changes | undefined> {
  const annotations = await askAnnotations({ title, value: manifest.annotations });
  return annotations && { annotations };
}

async function askChangedType(title: string, manifest: Manifest): Promise<Changes | undefined> {
  const artifactType = await askIndexType(title, manifest.artifactType);
  return artifactType === undefined ? undefined : { artifactType };
}

function entryName({ platform, artifactType, mediaType }: Descriptor): string {
  return platform ? platformName(platform) : (artifactType ?? mediaType);
}
