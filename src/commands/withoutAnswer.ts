import * as vscode from 'vscode';

const SHOWN_MS = 4000;

/** Says something small in the status bar that needs no answer. */
export function withoutAnswer(message: string): void {
  vscode.window.setStatusBarMessage(message, SHOWN_MS);
}
