import * as vscode from 'vscode';
import { commandIds } from '../host/commandIds';
import type { NextStep } from '../host/advice';
import { listAdvice } from '../host/listAdvice';
import type { MissingFile } from '../host/missingFiles';
import { formatBytes } from '../host/progress';
import type { RowTarget } from '../host/rowTarget';
import { capitalized } from '../host/sentence';
import { stepCommand, stepLabel } from '../host/showError';
import { annotationKeys } from '../oci/annotations';
import { kindOf } from '../oci/artifactKinds';
import { shortDigest } from '../oci/digest';
import { isArchivePath, isLayoutHost, layoutPath } from '../oci/layoutPlace';
import type { RegistryProfile } from '../oci/registryProfile';
import {
  registryNodeOf,
  type ContentNode,
  type ManifestNode,
  type MessageNode,
  type Node,
  type RegistryNode,
  type RepositoryNode,
  type SettingNode,
  type WaitingNode,
} from './nodes';

const { Collapsed, None } = vscode.TreeItemCollapsibleState;

/** The face of a node: label, icon, tooltip, what its menu offers. No request is made here. */
export function rowOf(node: Node, filter?: string): vscode.TreeItem {
  const item = faceOf(node);
  item.id = node.id;
  return filter === undefined ? item : filtered(item, filter);
}

function filtered(item: vscode.TreeItem, filter: string): vscode.TreeItem {
  const said = `filter: ${filter}`;
  item.description = item.description ? `${String(item.description)}, ${said}` : said;
  item.contextValue = `${item.contextValue}.filtered`;
  item.accessibilityInformation = { label: `${item.accessibilityInformation?.label ?? ''}, ${said}` };
  return item;
}

function faceOf(node: Node): vscode.TreeItem {
  switch (node.kind) {
    case 'registry':
      return registryRow(node);
    case 'group':
      return row(node.label, Collapsed, 'folder', { contextValue: 'group' });
    case 'repository':
      return repositoryRow(node);
    case 'tag':
    case 'platform':
    case 'referrer':
      return manifestRow(node);
    case 'layer':
    case 'config':
      return contentRow(node);
    case 'referrers':
      return row('Referrers', Collapsed, 'references', {
        tooltip: 'Signatures, SBOMs and other artifacts that refer to this one',
      });
    case 'loadMore':
      return row('Load more…', None, 'ellipsis', {
        tooltip: `${node.shown} shown`,
        command: { title: 'Load more', command: commandIds.loadMore, arguments: [node] },
      });
    case 'setting':
      return settingRow(node);
    case 'waiting':
      return waitingRow(node);
    default:
      return messageRow(node);
  }
}

/** Has the row of a registry say which file of its entry this machine lacks. */
export function warnOfFile(item: vscode.TreeItem, { purpose, file }: MissingFile): void {
  const said = `${capitalized(purpose)} is missing: ${file}`;
  item.description = [item.description, said].filter(Boolean).join(', ');
  item.tooltip = typeof item.tooltip === 'string' ? `${item.tooltip}\n\n${said}` : said;
  item.accessibilityInformation = { label: `${item.accessibilityInformation?.label ?? ''}, ${said}` };
}

/** What a registry is beyond its host, one thing a line. */
export function registryTooltip({ target, registry, traits }: RegistryNode, rateLimit?: string): string {
  const lines = [
    `${target.host} (${registry.profile.name})`,
    ...(rateLimit === undefined ? [] : [rateLimit]),
    ...(traits.includes('insecure') ? ['Certificates are not verified.'] : []),
  ];
  return lines.join('\n\n');
}

function registryRow({ target, registry, traits }: RegistryNode): vscode.TreeItem {
  const words = { local: 'local', plainHttp: 'plain HTTP', insecure: 'not verified' } as const;
  const unsafe = traits.includes('insecure');
  const icon = new vscode.ThemeIcon('server', unsafe ? new vscode.ThemeColor('errorForeground') : undefined);
  return row(target.host, Collapsed, icon, {
    description: traits.map((trait) => words[trait]).join(', '),
    contextValue: registryContext(traits.includes('local'), registry.profile),
  });
}

function registryContext(isLocal: boolean, { needsRepository, namespaceWord }: RegistryProfile): string {
  if (isLocal) return 'registry.local';
  if (needsRepository) return 'registry.needsRepository';
  return namespaceWord === undefined ? 'registry' : 'registry.namespaces';
}

function repositoryRow({ label, target }: RepositoryNode): vscode.TreeItem {
  const { host, repository } = target;
  if (!isLayoutHost(host)) {
    return row(label, Collapsed, 'repo', { contextValue: 'repository', tooltip: `${host}/${repository}` });
  }
  const readOnly = isReadOnly(target);
  return row(label, Collapsed, readOnly ? 'file-zip' : 'folder-library', {
    description: readOnly ? 'OCI layout, read-only' : 'OCI layout',
    contextValue: readOnly ? 'layout.readOnly' : 'layout',
    tooltip: layoutPath({ host, name: repository }),
  });
}

/** Menus with changes leave out what is in an archive. */
function isReadOnly({ host, repository }: RowTarget): boolean {
  return isLayoutHost(host) && isArchivePath(repository ?? '');
}

function manifestRow({ kind, label, target }: ManifestNode): vscode.TreeItem {
  const { descriptor } = target;
  const { icon, name } = kindOf(descriptor?.artifactType);
  const face = {
    tag: 'tag',
    platform: descriptor?.platform ? 'vm' : 'package',
    referrer: target.tag ? 'verified' : icon,
  }[kind];
  const reference = target.tag ? `:${target.tag}` : `@${descriptor?.digest ?? ''}`;
  return row(kind === 'referrer' && name ? name : label, Collapsed, face, {
    ...(descriptor && { description: shortDigest(descriptor.digest) }),
    contextValue: (kind === 'tag' ? 'tag' : 'manifest') + (isReadOnly(target) ? '.readOnly' : ''),
    tooltip: [`${target.host}/${target.repository}${reference}`, descriptor?.artifactType]
      .filter(Boolean)
      .join('\n'),
  });
}

function contentRow({ kind, descriptor }: ContentNode): vscode.TreeItem {
  const title = descriptor.annotations?.[annotationKeys.title];
  const isFolder = descriptor.annotations?.[annotationKeys.contentUnpack] === 'true';
  const label = title ?? (kind === 'config' ? 'Config' : layerName(descriptor.mediaType));
  return row(label, None, kind === 'config' ? 'gear' : isFolder ? 'file-zip' : title ? 'file' : 'layers', {
    description: formatBytes(descriptor.size),
    contextValue: kind,
    tooltip: `${descriptor.mediaType}\n${descriptor.digest}\n${descriptor.size} bytes`,
  });
}

function layerName(mediaType: string): string {
  return kindOf(mediaType).name || mediaType;
}

function messageRow(node: MessageNode): vscode.TreeItem {
  if (node.kind === 'info') return infoRow(node);
  const { parent, readsOn = false } = node;
  const { summary, detail, steps, isNeutral } = listAdvice(node.error, {
    ofRepositories: parent.kind === 'registry',
    readsOn,
  });
  const [step = 'retry'] = steps;
  const icon = isNeutral ? 'info' : new vscode.ThemeIcon('error', new vscode.ThemeColor('errorForeground'));
  return row(summary, None, icon, {
    description: stepLabel(step),
    tooltip: `${detail}\n\nClick: ${stepLabel(step)}`,
    contextValue: ['error', ...steps].join('.'),
    command: stepOf(node, step),
  });
}

function settingRow({ label }: SettingNode): vscode.TreeItem {
  const title = stepLabel('openSettings');
  return row(label, None, new vscode.ThemeIcon('error', new vscode.ThemeColor('errorForeground')), {
    description: title,
    tooltip: `${label}\n\nIt stands in your settings, which are left as they are.\n\nClick: ${title}`,
    contextValue: 'setting',
    command: { title, command: commandIds.openSettings },
  });
}

function waitingRow({ parent, isStopped }: WaitingNode): vscode.TreeItem {
  const host = registryNodeOf(parent)?.target.host ?? 'The registry';
  if (isStopped) {
    return row('Stopped waiting', None, 'circle-slash', {
      description: stepLabel('retry'),
      tooltip: `${host} had not answered yet.\n\nClick: ${stepLabel('retry')}`,
      contextValue: 'error',
      command: { title: stepLabel('retry'), command: commandIds.refresh, arguments: [parent] },
    });
  }
  const command = { title: 'Stop waiting', command: commandIds.stopWaiting, arguments: [parent] };
  return row('Still waiting…', None, 'watch', {
    description: 'Stop waiting',
    tooltip: `${host} has not answered yet.\n\nClick: Stop waiting`,
    contextValue: 'waiting',
    command,
  });
}

function stepOf(node: MessageNode, step: NextStep): vscode.Command {
  const title = stepLabel(step);
  if (step === 'retry' && node.readsOn) return { title, command: commandIds.loadMore, arguments: [node] };
  const host = registryNodeOf(node)?.target.host;
  const argument = step === 'retry' ? node.parent : { target: { host } };
  return { title, command: stepCommand(step), arguments: [argument] };
}

function infoRow(node: MessageNode): vscode.TreeItem {
  const { label, namespaceWord, detail } = node;
  const registry = registryNodeOf(node);
  if (detail !== undefined) return skippedRow(node, detail);
  if (namespaceWord === undefined || !registry) return row(label, None, 'info', {});
  return row(label, None, 'add', {
    description: 'nothing to list yet',
    tooltip: `${registry.registry.profile.name} lists the repositories of each ${namespaceWord} that is named.`,
    command: { title: label, command: commandIds.addNamespace, arguments: [{ target: registry.target }] },
  });
}

function skippedRow({ label, inSettings }: MessageNode, detail: string): vscode.TreeItem {
  const title = stepLabel('openSettings');
  if (!inSettings) return row(label, None, 'warning', { description: 'left out', tooltip: detail });
  return row(label, None, 'warning', {
    description: title,
    tooltip: `In your settings:\n${detail}\n\nClick: ${title}`,
    command: { title, command: commandIds.openSettings },
  });
}

type Face = Partial<Pick<vscode.TreeItem, 'description' | 'contextValue' | 'tooltip' | 'command'>>;

function row(
  label: string,
  state: vscode.TreeItemCollapsibleState,
  icon: string | vscode.ThemeIcon,
  face: Face,
): vscode.TreeItem {
  const item = new vscode.TreeItem(label, state);
  item.iconPath = typeof icon === 'string' ? new vscode.ThemeIcon(icon) : icon;
  const spoken = [label, face.description].filter(Boolean).join(', ');
  // Without it, a screen reader is given the tooltip in place of the label.
  return Object.assign(item, { accessibilityInformation: { label: spoken } }, face);
}
