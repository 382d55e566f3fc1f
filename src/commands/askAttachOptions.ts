import * as vscode from 'vscode';
import { pickSeveral } from '../host/pick';
import { pickOrType } from '../host/pickOrType';
import { parseAnnotationFile, type AnnotationFile } from '../oci/annotationFile';
import { guessMediaType } from '../oci/artifactKinds';
import { mediaTypes } from '../oci/mediaTypes';
import type { LocalFile } from '../oci/target';
import type { ConfigFile } from '../operations/artifactContent';
import { artifactTypeProblem } from './push';

/** What is rarely wanted of an attachment; `files` have the media types that were asked for. */
export interface AttachChoice {
  readonly files: readonly LocalFile[];
  readonly annotationFile?: AnnotationFile;
  readonly config?: ConfigFile;
}

interface Question {
  readonly title: string;
  readonly files: readonly LocalFile[];
}

interface OptionItem extends vscode.QuickPickItem {
  readonly ask: (question: Question) => Promise<Partial<AttachChoice> | undefined>;
}

const OPTIONS: readonly OptionItem[] = [
  {
    label: 'Annotation file',
    detail: 'JSON with annotations of "$manifest", "$config" and of each file',
    ask: askAnnotationFile,
  },
  { label: 'Config file', detail: 'In place of the empty config', ask: askConfig },
  { label: 'Media types', detail: 'Of each file', ask: askMediaTypes },
];

/** What to set is chosen first; then only that is asked. Undefined when dismissed. Errors: InvalidContentError. */
export async function askAttachOptions(question: Question): Promise<AttachChoice | undefined> {
  const chosen = await pickSeveral(OPTIONS, {
    title: `${question.title}: options`,
    ignoreFocusOut: true,
  });
  let choice: AttachChoice | undefined = chosen && { files: question.files };
  for (const { ask } of chosen ?? []) {
    const answer = await ask(question);
    choice = answer && choice && { ...choice, ...answer };
    if (!choice) return undefined;
  }
  return choice;
}

async function askAnnotationFile({ title }: Question): Promise<Partial<AttachChoice> | undefined> {
  const file = await chooseFile(`${title}: annotation file`);
  if (!file) return undefined;
  const annotationFile = parseAnnotationFile(await vscode.workspace.fs.readFile(file), file.fsPath);
  return { annotationFile };
}

async function askConfig({ title }: Question): Promise<Partial<AttachChoice> | undefined> {
  const file = await chooseFile(`${title}: config file`);
  const mediaType =
    file && (await askMediaType(`${title}: media type of the config`, mediaTypes.unknownConfig));
  return mediaType === undefined ? undefined : { config: { path: file?.fsPath ?? '', mediaType } };
}

async function askMediaTypes({ title, files }: Question): Promise<Partial<AttachChoice> | undefined> {
  const typed: LocalFile[] = [];
  for (const file of files) {
    const guess = guessMediaType(file.title) ?? mediaTypes.ociLayer;
    const mediaType = await askMediaType(`${title}: media type of "${file.title}"`, guess);
    if (mediaType === undefined) return undefined;
    typed.push({ ...file, mediaType });
  }
  return { files: typed };
}

function askMediaType(title: string, value: string): Promise<string | undefined> {
  return pickOrType({
    title,
    placeholder: 'Media type: type/subtype',
    value,
    suggestions: [],
    problem: (text) =>
      artifactTypeProblem(text) && 'A media type has the form type/subtype, such as text/plain.',
  });
}

async function chooseFile(title: string): Promise<vscode.Uri | undefined> {
  const defaultUri = vscode.workspace.workspaceFolders?.[0]?.uri;
  const at = defaultUri?.scheme === 'file' ? { defaultUri } : {};
  return (await vscode.window.showOpenDialog({ title, openLabel: 'Choose', ...at }))?.[0];
}
