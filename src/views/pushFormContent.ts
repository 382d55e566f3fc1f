import type { FormFile, FormPair, PushForm } from '../../media/pushForm/messages';
import { sentence } from '../host/sentence';
import type { Annotations } from '../oci/descriptor';
import { parseDestination } from '../oci/destination';
import { InvalidContentError, InvalidReferenceError, messageOf } from '../oci/errors';
import { parsePlatform } from '../oci/platform';
import { titleOf, type DefinedFile, type PushDefinition } from '../oci/pushDefinition';
import { repositoryProblem, tagProblem } from '../oci/reference';
import { titleProblem } from '../oci/title';
import { requireMediaType, requireTime } from '../operations/manifestPlan';

/** A definition as the form edits it. `now` is the time of creation where it names none. */
export function formOf(definition: PushDefinition, now: string): PushForm {
  const { config, annotations, configAnnotations, mountFrom = [] } = definition;
  return {
    ...placeOf(definition.to),
    artifactType: definition.artifactType ?? '',
    files: definition.files.map(formFile),
    configPath: config?.path ?? '',
    configType: config?.mediaType ?? '',
    annotations: pairsOf(annotations),
    configAnnotations: pairsOf(configAnnotations),
    annotationFile: definition.annotationFile ?? '',
    imageSpec: definition.imageSpec ?? '',
    artifactPlatform: definition.artifactPlatform ?? '',
    created: definition.created ?? now,
    ignoreFile: definition.ignoreFile ?? '',
    keepModes: definition.keepModes ?? false,
    gitStamp: definition.gitStamp ?? false,
    mountFrom: mountFrom.join(', '),
    force: definition.force ?? false,
    exportManifest: definition.exportManifest ?? '',
  };
}

/** What the form says, without what is left empty. Sound once `problemsOf` finds nothing. */
export function definitionOf(form: PushForm): PushDefinition {
  const tags = listOf(form.tags);
  const repository = form.repository.trim();
  const { configPath, configType, imageSpec, keepModes, gitStamp, force } = form;
  const texts = givenTexts(form);
  const mountFrom = listOf(form.mountFrom);
  const annotations = annotationsOf(form.annotations);
  const configAnnotations = annotationsOf(form.configAnnotations);
  return {
    to: tags.length > 0 ? `${repository}:${tags.join(',')}` : repository,
    files: form.files.map(definedFile),
    ...texts,
    ...(configPath && { config: { path: configPath, ...(configType && { mediaType: configType.trim() }) } }),
    ...(annotations && { annotations }),
    ...(configAnnotations && { configAnnotations }),
    ...((imageSpec === 'v1.0' || imageSpec === 'v1.1') && { imageSpec }),
    ...(keepModes && { keepModes }),
    ...(gitStamp && { gitStamp }),
    ...(mountFrom.length > 0 && { mountFrom }),
    ...(force && { force }),
  };
}

/** What to keep of a form for another time: the time that it took by itself belongs to this push alone. */
export function lastingDefinition(form: PushForm, ownTime: string): PushDefinition {
  return definitionOf(form.created.trim() === ownTime ? { ...form, created: '' } : form);
}

/** A sentence for each field that cannot be used, by the name of the field. */
export function problemsOf(form: PushForm): Record<string, string> {
  const found: (readonly [string, string | undefined])[] = [
    ['repository', repositoryFieldProblem(form.repository)],
    ['tags', listProblem(form.tags, tagProblem)],
    ['artifactType', typeProblem(form.artifactType)],
    ['configType', typeProblem(form.configType)],
    ['artifactPlatform', unlessEmpty(form.artifactPlatform, parsePlatform)],
    ['created', unlessEmpty(form.created, requireTime)],
    ['mountFrom', listProblem(form.mountFrom, repositoryProblem)],
    ...form.files.flatMap((file, at) => fileProblems(file, at, form.files)),
    ...pairProblems('annotations', form.annotations),
    ...pairProblems('configAnnotations', form.configAnnotations),
  ];
  return Object.fromEntries(found.flatMap(([field, problem]) => (problem ? [[field, problem]] : [])));
}

function placeOf(to: string): Pick<PushForm, 'repository' | 'tags'> {
  try {
    const { tags } = parseDestination(to);
    const behind = tags.length > 0 ? to.trimEnd().lastIndexOf(':') : to.length;
    return { repository: to.slice(0, behind), tags: tags.join(', ') };
  } catch {
    return { repository: to, tags: '' };
  }
}

function formFile(file: DefinedFile): FormFile {
  const { path, mediaType = '', annotations } = file;
  return { path, title: titleOf(file), mediaType, ...(annotations && { annotations }) };
}

function definedFile({ path, title, mediaType, annotations }: FormFile): DefinedFile {
  const type = mediaType.trim();
  return {
    path,
    ...(title !== titleOf({ path }) && { title }),
    ...(type && { mediaType: type }),
    ...(annotations && { annotations }),
  };
}

/** Optional members of a definition that are a text in both. */
const TEXTS = [
  'artifactType',
  'annotationFile',
  'artifactPlatform',
  'created',
  'ignoreFile',
  'exportManifest',
] as const;

function givenTexts(form: PushForm): Partial<Record<(typeof TEXTS)[number], string>> {
  return Object.fromEntries(
    TEXTS.flatMap((name) => (form[name].trim() === '' ? [] : [[name, form[name].trim()]])),
  );
}

function pairsOf(annotations: Annotations = {}): FormPair[] {
  return Object.entries(annotations).map(([key, value]) => ({ key, value }));
}

function annotationsOf(pairs: readonly FormPair[]): Annotations | undefined {
  const given = pairs.filter((pair) => !isBlank(pair)).map(({ key, value }) => [key.trim(), value] as const);
  return given.length > 0 ? Object.fromEntries(given) : undefined;
}

function isBlank({ key, value }: FormPair): boolean {
  return key.trim() === '' && value === '';
}

function listOf(text: string): string[] {
  return text
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
}

function listProblem(text: string, problem: (each: string) => string | undefined): string | undefined {
  const found = listOf(text).map(problem).find(Boolean);
  return found && sentence(found);
}

function repositoryFieldProblem(text: string): string | undefined {
  if (text.trim() === '') return 'Type where to push to: registry/repository.';
  return problemFrom(() => {
    if (parseDestination(text).tags.length > 0)
      throw new InvalidContentError('The repository', 'tags have a field of their own, below');
  });
}

function typeProblem(text: string): string | undefined {
  return unlessEmpty(text, (type) => requireMediaType(type, 'type'));
}

function unlessEmpty(text: string, check: (text: string) => unknown): string | undefined {
  const trimmed = text.trim();
  return trimmed === '' ? undefined : problemFrom(() => check(trimmed));
}

function fileProblems(
  { title, mediaType }: FormFile,
  at: number,
  all: readonly FormFile[],
): (readonly [string, string | undefined])[] {
  const bad = titleProblem(title, 'linux');
  const isTwice = all.findIndex((other) => other.title === title) < at;
  return [
    [`files.${at}.title`, bad ? sentence(bad) : isTwice ? 'Another file has this title.' : undefined],
    [`files.${at}.mediaType`, typeProblem(mediaType)],
  ];
}

function pairProblems(
  field: 'annotations' | 'configAnnotations',
  pairs: readonly FormPair[],
): (readonly [string, string | undefined])[] {
  return pairs.map((pair, at) => {
    const key = pair.key.trim();
    const isTwice = pairs.findIndex((other) => other.key.trim() === key) < at;
    const problem = key === '' ? 'The key is missing.' : isTwice ? 'The key is there already.' : undefined;
    return [`${field}.${at}.key`, isBlank(pair) ? undefined : problem];
  });
}

function problemFrom(act: () => unknown): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    const hasReason = error instanceof InvalidContentError || error instanceof InvalidReferenceError;
    return hasReason ? sentence(error.reason) : messageOf(error);
  }
}
