import * as vscode from 'vscode';
import { compactJson } from '../host/jsonText';
import { showInformation } from '../host/messages';
import { remember } from '../host/recent';
import { digestOf } from '../oci/digest';
import { parseManifest } from '../oci/manifest';
import { askReference } from './askReference';
import { askTagNames } from './askTagNames';
import { attempt } from './attempt';
import { confirmMoves } from './confirmMoves';
import { sendManifest } from './sendManifest';
import type { Command, Services } from './services';

/**
 * Pushes the manifest in an editor as a new one. A copy of `editManifest` goes to its own repository, any other JSON to
 * one that is typed. White space is left out, so that what was not changed keeps its digest.
 */
export const pushEditedManifest: Command = async (services, uri) => {
  const document = documentOf(uri);
  if (!document) {
    void showInformation('Open a manifest to push it: "Edit manifest…" makes a copy.');
    return;
  }
  await attempt(services, { what: 'The manifest was not pushed' }, async () => {
    const edited = editedBytes(services, document);
    const place = await askPlace(services, document);
    if (place) await push(services, edited, place);
  });
};

/** An editor's title bar hands over its document's address; the palette means the editor in front. */
function documentOf(uri: unknown): vscode.TextDocument | undefined {
  if (!(uri instanceof vscode.Uri)) return vscode.window.activeTextEditor?.document;
  return vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri.toString());
}

interface Edited {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
}

/** Errors: InvalidContentError. */
function editedBytes({ drafts }: Services, document: vscode.TextDocument): Edited {
  const original = drafts.of(document)?.content;
  const text = compactJson(document.getText());
  const isSame = original && compactJson(Buffer.from(original.bytes).toString('utf8')) === text;
  const bytes = isSame ? original.bytes : Buffer.from(text, 'utf8');
  return { bytes, mediaType: parseManifest(bytes, original?.descriptor.mediaType).mediaType };
}

interface Place {
  readonly host: string;
  readonly repository: string;
  readonly tags: readonly string[];
}

async function askPlace(services: Services, document: vscode.TextDocument): Promise<Place | undefined> {
  const target = services.drafts.of(document)?.target;
  if (!target) return askTypedPlace(services);
  const { host, repository } = target;
  const title = `Push the edited manifest to ${host}/${repository}: tags`;
  const prompt = 'Nothing leaves it to be found by its digest';
  const tags = await askTagNames({ title, prompt });
  return tags && { host, repository, tags };
}

async function askTypedPlace(services: Services): Promise<Place | undefined> {
  const title = 'Push the manifest of this editor: where to';
  const reference = await askReference(services, { title, needs: 'tag' });
  if (!reference) return undefined;
  const { registry: host, repository, tag = '' } = reference;
  return { host, repository, tags: [tag] };
}

async function push(services: Services, { bytes, mediaType }: Edited, place: Place): Promise<void> {
  const { host, repository, tags } = place;
  const text = `${host}/${repository}`;
  await attempt(services, { what: `Nothing was pushed to ${text}`, host }, async () => {
    const during = `Pushing a manifest to ${text}`;
    const target = services.openRegistry(host, { during }).repository(repository);
    if (!(await confirmMoves(target, { text, tags, digest: digestOf(bytes) }))) return;
    const base64 = Buffer.from(bytes).toString('base64');
    await sendManifest(services, { noun: 'manifest', ...place, mediaType, base64 });
    const [tag] = tags;
    if (tag) await remember(services.state, 'reference', `${text}:${tag}`);
  });
}
