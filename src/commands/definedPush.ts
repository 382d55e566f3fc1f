import path from 'node:path';
import type { Job } from '../host/progress';
import { MAX_ANNOTATION_FILE_BYTES, parseAnnotationFile, type AnnotationFile } from '../oci/annotationFile';
import { parseDestination } from '../oci/destination';
import { gitAnnotations } from '../oci/gitStamp';
import { isInside } from '../oci/pathInside';
import { parsePlatform } from '../oci/platform';
import { titleOf, type DefinedFile, type DefinedPush } from '../oci/pushDefinition';
import type { FileSource, LocalFile } from '../oci/target';
import { push, type PushOptions, type PushResult } from '../operations/push';
import { WithoutEmptyFiles } from '../operations/withoutEmptyFiles';
import { destinationOf } from './destinationOf';
import type { DisposableFileSource, Services } from './services';

/** How a push is run. */
export interface PushJob extends Job {
  /** Nobody is there to be asked: what a question would settle is an error at once. */
  readonly unattended?: boolean;
}

/** Pushes what a definition says. Errors: those of `push`; FileError; InvalidReferenceError; InvalidContentError. */
export async function runDefinedPush(
  services: Services,
  defined: DefinedPush,
  job: PushJob,
): Promise<PushResult> {
  const source = newSource(services, defined);
  try {
    return await pushFromSource(services, { defined, source }, job);
  } finally {
    await source.dispose();
  }
}

/** A definition, and its files as content. */
export interface SourcedPush {
  readonly defined: DefinedPush;
  readonly source: FileSource;
}

/** `runDefinedPush` with files that whoever calls disposes of. */
export async function pushFromSource(
  services: Services,
  { defined, source }: SourcedPush,
  { unattended, ...job }: PushJob,
): Promise<PushResult> {
  const { to, exportManifest } = defined.definition;
  const { registry: host, repository, tags } = parseDestination(to);
  const registry = services.openRegistry(host, unattended ? {} : { during: `Pushing ${to}` });
  const destination = unattended
    ? registry.repository(repository)
    : destinationOf(registry, repository, job.signal);
  const checked = registry.profile.refusesEmptyBlobs ? new WithoutEmptyFiles(source, registry.host) : source;
  const options = { ...(await pushOptions(services, defined, job)), ...job, tags };
  const result = await push(checked, destination, options);
  if (exportManifest) await services.writeWholeFile(inFolder(defined, exportManifest), result.manifest.bytes);
  return result;
}

/** The files of a definition as content; see `LocalFilesOptions` for `reuse`. Call `dispose` when through. */
export function newSource(
  services: Services,
  { definition }: DefinedPush,
  { reuse = false } = {},
): DisposableFileSource {
  const { ignoreFile, keepModes } = definition;
  return services.newFileSource({
    ...(ignoreFile && { ignoreFile }),
    ...(keepModes && { keepModes }),
    reuse,
  });
}

/** What `push` is told, without where to. Reads the annotation file, and asks git. */
export async function pushOptions(
  services: Services,
  defined: DefinedPush,
  { signal }: Pick<Job, 'signal'>,
): Promise<Omit<PushOptions, 'tags'>> {
  const { definition } = defined;
  const { artifactType, imageSpec, configAnnotations, created, mountFrom, force } = definition;
  const { config, annotationFile, artifactPlatform, gitStamp } = definition;
  const stamp = gitStamp ? gitAnnotations(await services.gitFacts(defined.folder, { signal })) : {};
  return {
    files: definition.files.map((file) => localFile(defined, file)),
    annotations: { ...stamp, ...definition.annotations },
    concurrency: services.settings.concurrency,
    ...(artifactType && { artifactType }),
    ...(imageSpec && { imageSpec }),
    ...(configAnnotations && { configAnnotations }),
    ...(created && { created }),
    ...(mountFrom && { mountFrom }),
    ...(force && { force }),
    ...(artifactPlatform && { artifactPlatform: parsePlatform(artifactPlatform) }),
    ...(config && { config: { ...config, path: inFolder(defined, config.path) } }),
    ...(annotationFile && {
      annotationFile: await readAnnotations(services, inFolder(defined, annotationFile)),
    }),
  };
}

/** A file as a definition that belongs to `folder` names it: by its path from there, where it is inside. */
export function definedFile(folder: string, { path: file, title, ...rest }: LocalFile): DefinedFile {
  const relative = path.relative(folder, file).split(path.sep).join('/');
  const named = relative !== '' && isInside(folder, file) ? relative : file;
  return { ...rest, path: named, ...(title !== named && { title }) };
}

function localFile(defined: DefinedPush, file: DefinedFile): LocalFile {
  return { ...file, path: inFolder(defined, file.path), title: titleOf(file) };
}

function inFolder({ folder }: DefinedPush, given: string): string {
  return path.resolve(folder, given);
}

async function readAnnotations({ readWholeFile }: Services, file: string): Promise<AnnotationFile> {
  return parseAnnotationFile(await readWholeFile(file, MAX_ANNOTATION_FILE_BYTES), file);
}
