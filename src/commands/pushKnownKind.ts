import * as vscode from 'vscode';
import { pick } from '../host/pick';
import { kindTypes } from '../oci/artifactKinds';
import type { LocalFile } from '../oci/target';
import { pushHelmChart } from './pushHelmChart';
import { pushSif } from './pushSif';
import type { Services } from './services';

/** A kind of artifact that another tool has its own way of pushing. */
interface KnownKind {
  readonly label: string;
  readonly detail: string;
  readonly icon: string;
  readonly push: (services: Services, file: LocalFile, row: unknown) => Promise<void>;
}

const CHART: KnownKind = {
  label: 'Helm chart (as helm push does)',
  detail: 'helm pull and helm install find it',
  icon: 'package',
  push: pushHelmChart,
};

const SIF: KnownKind = {
  label: 'Singularity image (as singularity push does)',
  detail: `singularity pull and apptainer pull find it; its config is ${kindTypes.sifConfig}`,
  icon: 'vm',
  push: pushSif,
};

/**
 * Offers to push a chart or a Singularity image the way its own tool does. False when that is not what is to be done.
 * Errors: FileError.
 */
export async function pushKnownKind(
  services: Services,
  files: readonly LocalFile[],
  row: unknown,
): Promise<boolean> {
  const [file] = files;
  const kind = file && files.length === 1 ? await recognise(services, file) : undefined;
  if (!file || !kind) return false;
  const generic = {
    label: 'OCI artifact (as oras push does)',
    detail: 'Any file or folder, with an artifact type of your choice',
    iconPath: new vscode.ThemeIcon('file'),
  };
  const known = { label: kind.label, detail: kind.detail, iconPath: new vscode.ThemeIcon(kind.icon) };
  const options = { title: `How to push ${file.title}`, ignoreFocusOut: true };
  const chosen = await pick([known, generic], options);
  if (chosen === generic) return false;
  if (chosen) await kind.push(services, file, row);
  return true;
}

async function recognise(services: Services, { path }: LocalFile): Promise<KnownKind | undefined> {
  if (path.endsWith('.sif')) return SIF;
  return (await services.isChart(path)) ? CHART : undefined;
}
