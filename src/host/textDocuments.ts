import * as vscode from 'vscode';

/** A text to be read: `name` is on the tab, its ending tells the language. */
export interface ReadOnlyText {
  readonly name: string;
  readonly text: string;
}

const SCHEME = 'oci-text';

/** Texts that were made for reading, as documents that cannot be edited; each is kept until it is closed. */
export class TextDocuments implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly texts = new Map<string, string>();
  private count = 0;
  private readonly registrations = [
    vscode.workspace.registerTextDocumentContentProvider(SCHEME, this),
    vscode.workspace.onDidCloseTextDocument(({ uri }) => this.texts.delete(uri.toString())),
  ];

  async open({ name, text }: ReadOnlyText): Promise<void> {
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${++this.count}/${name}` });
    this.texts.set(uri.toString(), text);
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document, { preview: true });
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.texts.get(uri.toString()) ?? '';
  }

  dispose(): void {
    for (const registration of this.registrations) registration.dispose();
  }
}
