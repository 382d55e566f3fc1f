import { countOf } from '../host/countOf';
import { showInformation, showWarning } from '../host/messages';
import { pick } from '../host/pick';
import { formatBytes, withByteProgress, withProgress } from '../host/progress';
import { targetOf } from '../host/rowTarget';
import { isArchivePath, isLayoutHost, layoutPath } from '../oci/layoutPlace';
import type { ContentFolder, FileCount, UnusedContent } from '../oci/unusedContent';
import { attempt } from './attempt';
import type { Command, Services } from './services';

const SHOWN = 10;

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

async function lookAndRemove({ collectUnused }: Services, place: Place): Promise<void> {
  const { label } = place;
  const found = await withProgress(`Looking for unused content in ${label}`, ({ signal }) =>
    collectUnused(place, { dryRun: true, signal }),
  );
  const { sizeBytes: totalBytes, count } = totalOf(found);
  const detail = detailOf(found).join('\n');
  if (count === 0) return tell(found, `There is nothing to remove from ${label}.`, detail);
  const message = `Remove ${amountOf(found)} from ${label}?`;
  const chosen = await showWarning(message, { modal: true, detail }, 'Remove');
  if (chosen !== 'Remove') return;
  let doneBytes = 0;
  const removed = await withByteProgress(`Removing unused content from ${label}`, ({ signal, onProgress }) =>
    collectUnused(place, {
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
