import { countOf } from '../host/countOf';
import { showInformation, showWarning } from '../host/messages';
import { pick } from '../host/pick';
import { formatBytes, withByteProgress, withProgress } from '../host/progress';
import { targetOf } from '../host/rowTarget';
import { isArchivePath, isLayoutHost, layoutPath } from '../oci/layoutPlace';
import type { CollectOptions, ContentFolder, FileCount, UnusedContent } from '../oci/unusedContent';
import { attempt } from './attempt';
import type { Command, Services } from './services';

const SHOWN = 10;
const REMOVE = 'Remove';
const UNTAGGED = 'Untagged manifests…';
const DAY_MS = 24 * 60 * 60 * 1000;

/** How long manifests must have had no tag. */
const AGES = [
  { label: '90 days', days: 90 },
  { label: '30 days', days: 30 },
  { label: '7 days', days: 7 },
  { label: '1 day', days: 1 },
];

type Ages = Pick<CollectOptions, 'untaggedMs'>;

interface Place extends ContentFolder {
  readonly label: string;
}

/** Removes what nothing refers to from the local registry or an OCI layout folder, after saying how much that is. */
export const removeUnused: Command = async (services, row) => {
  const target = targetOf(row);
  const places = placesOf(services);
  const place = target ? places.find(({ label }) => label === labelOf(target)) : await askPlace(places);
  if (!place) return;
  const what = `Unused content was not removed from ${place.label}`;
  await attempt(services, { what }, () => lookAndRemove(services, place));
};

/** What can be cleaned: not an archive, which is only read. */
function placesOf({ localRegistry, localRegistryRoot, settings, layouts }: Services): readonly Place[] {
  const registry: Place = {
    kind: 'registry',
    folder: localRegistry.folder ?? (settings.localRegistryFolder || localRegistryRoot),
    label: localRegistry.host ?? 'Local registry',
  };
  const folders = layouts.paths.filter((file) => !isArchivePath(file));
  return [registry, ...folders.map((folder): Place => ({ kind: 'layout', folder, label: folder }))];
}

async function askPlace(places: readonly Place[]): Promise<Place | undefined> {
  const items = places.map((place) => ({ label: place.label, description: place.folder, place }));
  return (await pick(items, { title: 'Remove unused content' }))?.place;
}

function labelOf({ host, repository }: { readonly host: string; readonly repository?: string }): string {
  return isLayoutHost(host) && repository ? layoutPath({ host, name: repository }) : host;
}

async function lookAndRemove(services: Services, place: Place): Promise<void> {
  const { label } = place;
  const found = await look(services, place);
  const untagged = untaggedIn(found);
  const isNothing = totalOf(found).count === 0;
  const hint = `${amount(untagged, 'manifest')} without a tag stay; ${UNTAGGED} can remove old ones.`;
  const detail = [...detailOf(found), ...(untagged.count > 0 && !isNothing ? [hint] : [])].join('\n');
  if (isNothing && untagged.count === 0)
    return tell(found, `There is nothing to remove from ${label}.`, detail);
  const message = isNothing
    ? `Nothing in ${label} is unused, but ${amount(untagged, 'manifest')} without a tag could go.`
    : `Remove ${amountOf(found)} from ${label}?`;
  const buttons = [...(isNothing ? [] : [REMOVE]), ...(untagged.count > 0 ? [UNTAGGED] : [])];
  const chosen = await showWarning(message, { modal: true, detail }, ...buttons);
  if (chosen === REMOVE) await remove(services, place, { totalBytes: totalOf(found).sizeBytes });
  if (chosen === UNTAGGED) await lookAndRemoveUntagged(services, place);
}

/** Asks how long manifests must have had no tag, and says what would go, before anything does. */
async function lookAndRemoveUntagged(services: Services, place: Place): Promise<void> {
  const { label } = place;
  const title = 'Remove manifests without a tag';
  const age = await pick(AGES, {
    title,
    placeHolder: 'How long they have had no tag, and nobody asked for them',
  });
  if (!age) return;
  const untaggedMs = age.days * DAY_MS;
  const found = await look(services, place, { untaggedMs });
  const untagged = untaggedIn(found);
  const detail = detailOf(found).join('\n');
  if (untagged.count === 0) {
    const nothing = `No manifest in ${label} has been without a tag for ${age.label}, unless something that stays needs it.`;
    return tell(found, nothing, detail);
  }
  const which = `${countOf(untagged.count, 'manifest')} that had no tag for ${age.label}`;
  const message = `Remove ${which} from ${label}, ${amountOf(found)} in all?`;
  const chosen = await showWarning(message, { modal: true, detail }, REMOVE);
  if (chosen === REMOVE) await remove(services, place, { untaggedMs, totalBytes: totalOf(found).sizeBytes });
}

function look({ collectUnused }: Services, place: Place, ages: Ages = {}): Promise<UnusedContent> {
  return withProgress(`Looking for unused content in ${place.label}`, ({ signal }) =>
    collectUnused(place, { ...ages, dryRun: true, signal }),
  );
}

async function remove(
  { collectUnused }: Services,
  place: Place,
  { totalBytes, ...ages }: Ages & { readonly totalBytes: number },
): Promise<void> {
  const { label } = place;
  let doneBytes = 0;
  const removed = await withByteProgress(`Removing unused content from ${label}`, ({ signal, onProgress }) =>
    collectUnused(place, {
      ...ages,
      signal,
      onBytes: (bytes) => onProgress({ doneBytes: (doneBytes += bytes), totalBytes }),
    }),
  );
  tell(removed, `Removed ${amountOf(removed)} from ${label}.`, problemsOf(removed).join('\n'));
}

function tell(content: UnusedContent, message: string, detail: string): void {
  const show = problemsOf(content).length > 0 ? showWarning : showInformation;
  void show([message, detail].filter(Boolean).join(' '));
}

function untaggedIn({ layouts }: UnusedContent): FileCount {
  return sumOf(layouts.map(({ untagged }) => untagged));
}

function totalOf({ layouts, temporary }: UnusedContent): FileCount {
  return sumOf([...layouts.map(({ removable }) => removable), temporary]);
}

/** `3 blobs (1.2 MB) and 1 temporary file (5 kB)` */
function amountOf({ layouts, temporary }: UnusedContent): string {
  const blobs = sumOf(layouts.map(({ removable }) => removable));
  const parts = [
    amount(blobs, 'blob'),
    ...(temporary.count > 0 ? [amount(temporary, 'temporary file')] : []),
  ];
  return parts.join(' and ');
}

/** Where it is, what stays for now, and what was left alone. */
function detailOf(found: UnusedContent): readonly string[] {
  const { layouts } = found;
  const some = layouts.filter(({ removable }) => removable.count > 0);
  const lines = some.map(({ name, removable }) => `• ${name}: ${amount(removable, 'blob')}`);
  const young = sumOf(layouts.map((layout) => layout.young));
  return [
    ...(totalOf(found).count > 0 ? ['No tag, manifest or referrer uses it. This cannot be undone.'] : []),
    ...lines.slice(0, SHOWN),
    ...(lines.length > SHOWN ? [`… and ${lines.length - SHOWN} more`] : []),
    ...(young.count > 0
      ? [`${amount(young, 'blob')} of the last hour stay for now: a push may be using them.`]
      : []),
    ...problemsOf(found),
  ];
}

function problemsOf({ layouts }: UnusedContent): readonly string[] {
  return layouts.flatMap(({ name, problem }) => (problem ? [`${name} is left as it is: ${problem}`] : []));
}

function amount({ count, sizeBytes }: FileCount, noun: string): string {
  return `${countOf(count, noun)} (${formatBytes(sizeBytes)})`;
}

function sumOf(counts: readonly FileCount[]): FileCount {
  return counts.reduce(
    (sum, { count, sizeBytes }) => ({
      count: sum.count + count,
      sizeBytes: sum.sizeBytes + sizeBytes,
    }),
    { count: 0, sizeBytes: 0 },
  );
}
