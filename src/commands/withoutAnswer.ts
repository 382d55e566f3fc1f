import * as vscode from 'vscode';
import { rowText } from '../host/plainText';

const SHOWN_MS = 4000;

/** Says something small in the status bar that needs no answer. */
export function withoutAnswer(message: string): void {
  vscode.window.setStatusBarMessage(rowText(message), SHOWN_MS);
}
