import * as vscode from 'vscode';
import { commandIds } from '../host/commandIds';
import { countOf } from '../host/countOf';
import { logLeftOut, type LeftOut } from '../host/log';
import { annotationKeys } from '../oci/annotations';
import type { Descriptor } from '../oci/descriptor';
import { messageOf } from '../oci/errors';
import type { CopyTagsResult } from '../operations/copyTags';
import type { Services } from './services';

/** The button of a message whose details stand in the log. */
export const SHOW_LOG = 'Show log';

/** Layers that no registry has, with where they are. */
export function layersElsewhere(layers: readonly Descriptor[]): readonly LeftOut[] {
  return layers.map(({ annotations, digest, urls }) => {
    const title = annotations?.[annotationKeys.title];
    return {
      name: title ? `${title} (${digest})` : `the layer ${digest}`,
      reason: urls?.[0] ? `it is fetched from ${urls[0]}` : 'it may not be passed on',
    };
  });
}

/** Writes what was left out to the log, and gives the end of the message that says so; empty where it is nothing. */
export function sayLeftOut(
  { log }: Services,
  what: string,
  { noun, leftOut }: { readonly noun: string; readonly leftOut: readonly LeftOut[] },
): string {
  if (leftOut.length === 0) return '';
  logLeftOut(log, what, leftOut);
  const [first] = leftOut;
  const why = leftOut.length === 1 && first ? `: ${first.name}, ${first.reason}.` : '; the log names them.';
  return ` ${countOf(leftOut.length, noun)} left out${why}`;
}

/** The same for what a copy of several tags left out: tags, and layers that are elsewhere. */
export function sayLeftOutTags(
  services: Services,
  what: string,
  { leftOut, elsewhere }: Pick<CopyTagsResult, 'leftOut' | 'elsewhere'>,
): string {
  const tags = leftOut.map(({ tag, error }) => ({ name: `the tag ${tag}`, reason: messageOf(error) }));
  return (
    sayLeftOut(services, what, { noun: 'tag', leftOut: tags }) +
    sayLeftOut(services, what, { noun: 'layer', leftOut: layersElsewhere(elsewhere) })
  );
}

/** Opens the log where its button was chosen. */
export async function showLogIf(chosen: string | undefined): Promise<void> {
  if (chosen === SHOW_LOG) await vscode.commands.executeCommand(commandIds.showLog);
}
