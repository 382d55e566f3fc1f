import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';

/** A page of `media/`: the name of its folder, and the title of its document. */
export interface WebviewPage {
  readonly name: string;
  readonly title: string;
}

/** The document that loads a page's script and style, and nothing else. `mediaFolder` is where they are bundled. */
export function webviewHtml(
  webview: vscode.Webview,
  mediaFolder: vscode.Uri,
  { name, title }: WebviewPage,
): string {
  const nonce = randomBytes(16).toString('base64url');
  const uri = (file: string) => webview.asWebviewUri(vscode.Uri.joinPath(mediaFolder, file)).toString();
  const { cspSource } = webview;
  const policy = `default-src 'none'; style-src ${cspSource}; font-src ${cspSource}; script-src 'nonce-${nonce}'`;
  return `<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta http-equiv="Content-Security-Policy" content="${policy}" />
    <link id="vscode-codicon-stylesheet" rel="stylesheet" href="${uri('codicon.css')}" nonce="${nonce}" />
    <link rel="stylesheet" href="${uri(`${name}.css`)}" />
    <title>${title}</title>
  </head>
  <body>
    <main id="root"><p class="muted">Loading…</p></main>
    <script nonce="${nonce}" src="${uri(`${name}.js`)}"></script>
  </body>
</html>`;
}
