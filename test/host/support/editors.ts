import * as vscode from 'vscode';

/** The document in front, once it has `part`. Errors: Error when it never comes. */
export async function frontDocument(part: string): Promise<vscode.TextDocument> {
  for (const end = Date.now() + 10_000; Date.now() < end;) {
    const document = vscode.window.activeTextEditor?.document;
    if (document?.getText().includes(part)) return document;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`No document in front has ${part}`);
}

/** Puts a text in place of all that is in the editor in front. */
export async function rewrite(document: vscode.TextDocument, text: string): Promise<void> {
  const edit = new vscode.WorkspaceEdit();
  const end = document.lineAt(document.lineCount - 1).range.end;
  edit.replace(document.uri, new vscode.Range(new vscode.Position(0, 0), end), text);
  await vscode.workspace.applyEdit(edit);
}

/** Closes all editors, without asking about what is unsaved. */
export async function closeEditors(): Promise<void> {
  while (vscode.window.activeTextEditor)
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
}
