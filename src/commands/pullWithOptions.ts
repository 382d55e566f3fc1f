import type * as vscode from 'vscode';
import { askText } from '../host/askText';
import { pickSeveral } from '../host/pick';
import { formatBytes, withProgress } from '../host/progress';
import { annotationKeys } from '../oci/annotations';
import { kindOf } from '../oci/artifactKinds';
import { formatReference, type Reference } from '../oci/reference';
import type { Manifest } from '../oci/manifest';
import { mediaTypes } from '../oci/mediaTypes';
import { titleProblem } from '../oci/title';
import { fetchManifest } from '../operations/manifest';
import { planPull, type PullPlan } from '../operations/planPull';
import { askPlatform } from './askPlatform';
import { attempt } from './attempt';
import { askPulled } from './pull';
import { askFolder, pullInto, untitledNaming, type PullChoice } from './pullInto';
import type { Command, Services } from './services';

/** Pulls a row's artifact, or one that is typed, after asking which part of it and how. */
export const pullWithOptions: Command = async (services, row) => {
  const reference = await askPulled(services, row);
  if (!reference) return;
  const what = `Pull of ${formatReference(reference)} failed`;
  await attempt(services, { what, host: reference.registry }, async () => {
    const chosen = await choosePart(services, reference);
    const folder = chosen && (await askFolder(`Pull ${formatReference(reference)} into a folder`));
    if (!folder) return;
    const { choice, keepExisting } = chosen;
    const wanted = textOf(reference);
    await pullInto(services, {
      reference,
      folder,
      keepExisting,
      plan: (source, wait) => planPull(source, wanted, { ...choice, ...wait }),
    });
  });
};

interface Chosen {
  readonly choice: PullChoice;
  readonly keepExisting: boolean;
}

/** Each question is asked only where there is something to choose. */
async function choosePart(services: Services, reference: Reference): Promise<Chosen | undefined> {
  const during = `Reading ${formatReference(reference)}`;
  const source = services.openRegistry(reference.registry, { during }).repository(reference.repository);
  const title = `Pull ${formatReference(reference)}`;
  const look = <T>(read: (signal: AbortSignal) => Promise<T>) =>
    withProgress(during, ({ signal }) => read(signal));
  const { manifest } = await look((signal) => fetchManifest(source, textOf(reference), { signal }));
  const asked = { job: title, source, reference: textOf(reference), during };
  const platform = await askPlatform(asked);
  if (!platform) return undefined;
  const ways = await askWays(title, { manifest, reference });
  if (!ways) return undefined;
  const choice = { ...platform, ...ways.choice };
  const plan = await look((signal) => planPull(source, textOf(reference), { ...choice, signal }));
  const narrowed = await narrow(title, { plan, choice });
  return narrowed && { choice: narrowed, keepExisting: ways.keepExisting };
}

function textOf({ tag, digest }: Reference): string {
  return digest ?? tag ?? 'latest';
}

type Way = 'keepExisting' | 'includeSubject' | 'keepModes' | 'config' | 'nameUntitled';

interface WayItem extends vscode.QuickPickItem {
  readonly way: Way;
}

async function askWays(
  title: string,
  { manifest, reference }: { readonly manifest: Manifest; readonly reference: Reference },
): Promise<Chosen | undefined> {
  const chosen = await pickSeveral(waysFor(manifest), {
    title: `${title}: options`,
    ignoreFocusOut: true,
  });
  if (!chosen) return undefined;
  const has = (way: Way) => chosen.some((item) => item.way === way);
  const configTitle = has('config') ? await askConfigName(title) : '';
  if (configTitle === undefined) return undefined;
  return {
    keepExisting: has('keepExisting'),
    choice: {
      ...(has('includeSubject') && { includeSubject: true }),
      ...(has('keepModes') && { keepModes: true }),
      ...(configTitle && { configTitle }),
      ...(has('nameUntitled') && { nameUntitled: untitledNaming(reference) }),
    },
  };
}

function waysFor({ config, subject, layers, manifests }: Manifest): readonly WayItem[] {
  const hasConfig = manifests.length > 0 || (config && config.mediaType !== mediaTypes.ociEmpty);
  const isUntitled = layers.some(({ annotations }) => !annotations?.[annotationKeys.title]);
  return [
    { way: 'keepExisting', label: 'Keep existing files', detail: 'Without asking about them' },
    ...(subject
      ? [
          {
            way: 'includeSubject' as const,
            label: 'Include subject',
            detail: 'The files of what this is attached to',
          },
        ]
      : []),
    { way: 'keepModes', label: 'Keep permissions', detail: 'Where the artifact tells those of its files' },
    ...(hasConfig
      ? [{ way: 'config' as const, label: 'Save config', detail: 'To a file that you name next' }]
      : []),
    {
      way: 'nameUntitled',
      label: 'Name untitled layers',
      detail: 'A chart as name-version.tgz, others by digest; they are left out otherwise',
      picked: isUntitled,
    },
  ];
}

function askConfigName(title: string): Thenable<string | undefined> {
  return askText({
    title: `${title}: file for the config`,
    value: 'config.json',
    prompt: 'A path below the folder that is pulled into',
    ignoreFocusOut: true,
    validateInput: (text) => {
      const problem = titleProblem(text, process.platform);
      return problem && `This cannot be a file's name: ${problem}.`;
    },
  });
}

interface Narrowing {
  readonly plan: PullPlan;
  readonly choice: PullChoice;
}

/** By media type first, then by file. */
async function narrow(title: string, { plan, choice }: Narrowing): Promise<PullChoice | undefined> {
  const { configTitle } = choice;
  const files = plan.files.filter((file) => file.title !== configTitle);
  const types = [...new Set(files.map(({ descriptor }) => descriptor.mediaType))];
  const typeItems = types.map((type) => ({ label: type, description: kindOf(type).name, value: type }));
  const chosenTypes = await pickSome(`${title}: media types`, typeItems);
  if (!chosenTypes) return undefined;
  const fileItems = files
    .filter(({ descriptor }) => chosenTypes.includes(descriptor.mediaType))
    .map(({ title: value, descriptor }) => ({
      label: value,
      description: formatBytes(descriptor.size),
      value,
    }));
  const chosenTitles = await pickSome(`${title}: files`, fileItems);
  if (!chosenTitles) return undefined;
  const titles = configTitle ? [...chosenTitles, configTitle] : chosenTitles;
  return {
    ...choice,
    ...(chosenTypes.length < types.length && { mediaTypes: chosenTypes }),
    ...(chosenTitles.length < fileItems.length && { titles }),
  };
}

interface ValueItem extends vscode.QuickPickItem {
  readonly value: string;
}

/** All are chosen to begin with; where there is one or none, nobody is asked. Undefined when dismissed. */
async function pickSome(title: string, items: readonly ValueItem[]): Promise<readonly string[] | undefined> {
  if (items.length < 2) return items.map(({ value }) => value);
  const picked = items.map((item) => ({ ...item, picked: true }));
  const chosen = await pickSeveral(picked, {
    title,
    ignoreFocusOut: true,
  });
  return chosen && chosen.length > 0 ? chosen.map(({ value }) => value) : undefined;
}
