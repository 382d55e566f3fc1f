import * as vscode from 'vscode';
import { logError } from '../host/log';
import { pick } from '../host/pick';
import { pickOrType } from '../host/pickOrType';
import { withByteProgress, type Job } from '../host/progress';
import { recent, remember } from '../host/recent';
import {
  manifestTargetOf,
  referenceOf,
  referenceText,
  tagOrDigest,
  type ManifestTarget,
} from '../host/rowTarget';
import type { NewTransfer } from '../host/transferRecord';
import { guessMediaType, kindOf } from '../oci/artifactKinds';
import type { Annotations } from '../oci/descriptor';
import type { Digest } from '../oci/digest';
import type { RegistryTarget } from '../oci/registryTarget';
import type { LocalFile } from '../oci/target';
import { attach, type AttachResult } from '../operations/attach';
import { nowInSeconds } from '../operations/manifestPlan';
import { WithoutEmptyFiles } from '../operations/withoutEmptyFiles';
import { announce } from './announce';
import { askAttachOptions, type AttachChoice } from './askAttachOptions';
import { askAnnotations } from './askAnnotations';
import { askManifest } from './askManifest';
import { oftenAttached, typeSuggestion } from './attachmentTypes';
import { attempt } from './attempt';
import { artifactTypeProblem, chosenFiles } from './push';
import type { Command, Services } from './services';

/** Attaches files, or annotations alone, to an artifact: to that of the row, or to one that is asked for. */
export const attachFiles: Command = (services, ...args) =>
  attachAsked(services, args, async ({ files }) => ({ files }));

/** The same, after asking what is rarely wanted. */
export const attachWithOptions: Command = (services, ...args) =>
  attachAsked(services, args, askAttachOptions);

async function attachAsked(
  services: Services,
  args: readonly unknown[],
  askOptions: typeof askAttachOptions,
): Promise<void> {
  const row = manifestTargetOf(args[0]);
  const files = row ? await askWhat(row) : await chosenFiles(args);
  if (!files) return;
  const subject = await askManifest(services, args[0], 'Attach to OCI artifact (1/3): subject');
  if (!subject) return;
  const title = `Attach to ${referenceText(subject)}`;
  const options = await askOptions({ title, files });
  const artifactType = options && (await askType(services, { title, files }));
  if (!artifactType) return;
  const annotations = await askAnnotations({
    title,
    needsOne: files.length === 0,
    ...(options.annotationFile && { value: options.annotationFile.manifest }),
  });
  const created = nowInSeconds();
  if (annotations)
    await attachTo(services, { subject, artifactType, annotations, created, ...options }, args[0]);
}

/** What is attached, and to what: to `digest`, else to what the subject's tag stands for by then. */
export type Attachment = AttachChoice & {
  readonly subject: ManifestTarget;
  readonly digest?: Digest;
  readonly artifactType: string;
  readonly annotations: Annotations;
  /** RFC 3339. */
  readonly created: string;
};

/** Attaches, says what came of it and shows it below its subject; `row` is where that stands in the sidebar. */
export async function attachTo(services: Services, attachment: Attachment, row?: unknown): Promise<void> {
  const { subject, artifactType } = attachment;
  const { host, repository } = subject;
  await attempt(services, { what: `Nothing was attached to ${referenceText(subject)}`, host }, async () => {
    const result = await run(services, attachment);
    await remember(services.state, 'attachmentType', artifactType);
    const message = attachedMessage(subject, { artifactType, ...result });
    void announce(services, message, { host, repository, descriptor: result.descriptor });
    await showInTree(services, { subject, row, result });
  });
}

async function run(services: Services, attachment: Attachment): Promise<AttachResult> {
  const { subject } = attachment;
  const during = `Attaching to ${referenceText(subject)}`;
  const registry = services.openRegistry(subject.host, { during });
  const repository = registry.repository(subject.repository);
  return withByteProgress(during, async (progress) => {
    const digest = attachment.digest ?? (await repository.resolve(tagOrDigest(subject), progress)).digest;
    const pinned = { ...attachment, digest };
    return services.transfers.run(attachTransfer(pinned), progress, ({ signal, onProgress }) =>
      send(services, registry, pinned, { signal, onProgress }),
    );
  });
}

/** Subject and time are kept, so that what may have arrived already is not attached a second time. */
function attachTransfer(job: Attachment): NewTransfer {
  const identity = [{ ...job, created: undefined }];
  return { kind: 'attach', title: `Attach to ${referenceText(job.subject)}`, identity, job };
}

/** The annotations of the manifest were shown with those of the annotation file, and may have been changed. */
async function send(
  services: Services,
  registry: RegistryTarget,
  { subject, digest, annotationFile, ...what }: Attachment & { readonly digest: Digest },
  job: Job,
): Promise<AttachResult> {
  const source = services.newFileSource();
  const checked = registry.profile.refusesEmptyBlobs ? new WithoutEmptyFiles(source, registry.host) : source;
  const { concurrency } = services.settings;
  const repository = registry.repository(subject.repository);
  try {
    return await attach(checked, repository, digest, {
      ...what,
      ...job,
      ...(annotationFile && { annotationFile: { ...annotationFile, manifest: {} } }),
      concurrency,
    });
  } finally {
    await source.dispose();
  }
}

function attachedMessage(
  subject: ManifestTarget,
  { artifactType, descriptor }: AttachResult & { readonly artifactType: string },
): string {
  const what = kindOf(artifactType).name || artifactType;
  return `Attached to ${referenceText(subject)}: ${what}. Digest: ${descriptor.digest}`;
}

interface Attached {
  readonly subject: ManifestTarget;
  readonly row: unknown;
  readonly result: AttachResult;
}

/** What was attached is there, whether or not the sidebar finds it. */
async function showInTree(services: Services, { subject, row, result }: Attached): Promise<void> {
  services.tree.refreshHost(subject.host);
  try {
    await services.tree.revealReferrer(referenceOf(subject), result.descriptor.digest, row);
  } catch (error) {
    logError(services.log, 'Not shown in the sidebar', error);
  }
}

/** No files stand for annotations alone. */
async function askWhat(subject: ManifestTarget): Promise<readonly LocalFile[] | undefined> {
  const items = [
    { label: 'Files…', detail: 'An SBOM, a signature, a report', iconPath: new vscode.ThemeIcon('files') },
    {
      label: 'Annotations only',
      detail: 'Names and values, without a file',
      iconPath: new vscode.ThemeIcon('note'),
    },
  ];
  const title = `Attach to ${referenceText(subject)}: what`;
  const chosen = await pick(items, { title, ignoreFocusOut: true });
  if (!chosen) return undefined;
  return chosen === items[0] ? chosenFiles([]) : [];
}

async function askType(
  { state }: Services,
  { title, files }: { readonly title: string; readonly files: readonly LocalFile[] },
): Promise<string | undefined> {
  const guessed = files
    .flatMap((file) => guessMediaType(file.title) ?? [])
    .filter((type) => oftenAttached.includes(type));
  const values = [...new Set([...guessed, ...recent(state, 'attachmentType'), ...oftenAttached])];
  return pickOrType({
    title: `${title}: artifact type`,
    placeholder: 'Artifact type: what is attached, as a media type',
    suggestions: values.map(typeSuggestion),
    problem: artifactTypeProblem,
  });
}
