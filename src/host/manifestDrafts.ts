import * as vscode from 'vscode';
import type { ManifestContent } from '../oci/target';
import { prettyJson } from './jsonText';
import type { ManifestTarget } from './rowTarget';

/** A manifest that is being edited: where it is from, and what it was. */
export interface ManifestDraft {
  readonly target: ManifestTarget;
  readonly content: ManifestContent;
}

/** What menus look at to find the documents of drafts. */
const CONTEXT_KEY = 'ociArtifacts.manifestDrafts';

/** Manifests that are being edited as untitled documents, until these are closed. */
export class ManifestDrafts implements vscode.Disposable {
  private readonly drafts = new Map<string, ManifestDraft>();
  private readonly closing = vscode.workspace.onDidCloseTextDocument(({ uri }) => {
    if (this.drafts.delete(uri.toString())) void this.tellMenus();
  });

  /** Opens a document to edit a copy of a manifest. */
  async open(draft: ManifestDraft): Promise<void> {
    const content = prettyJson(Buffer.from(draft.content.bytes).toString('utf8'));
    const document = await vscode.workspace.openTextDocument({ language: 'json', content });
    this.drafts.set(document.uri.toString(), draft);
    await this.tellMenus();
    await vscode.window.showTextDocument(document);
  }

  /** The draft that a document is for. */
  of(document: vscode.TextDocument): ManifestDraft | undefined {
    return this.drafts.get(document.uri.toString());
  }

  dispose(): void {
    this.closing.dispose();
  }

  private async tellMenus(): Promise<void> {
    await vscode.commands.executeCommand('setContext', CONTEXT_KEY, [...this.drafts.keys()]);
  }
}
