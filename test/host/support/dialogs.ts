import * as vscode from 'vscode';

/** What a person would answer: a button's label or `undefined` for dismissing; a folder or files for a file dialog. */
export interface Answers {
  readonly warning?: string;
  /** In place of `warning`: one answer for each, in their order. */
  readonly warnings?: readonly string[];
  readonly error?: string;
  readonly information?: string;
  readonly open?: readonly vscode.Uri[];
  /** In place of `open`: one answer for each file dialog, in their order. */
  readonly opens?: readonly (readonly vscode.Uri[])[];
  readonly save?: vscode.Uri;
}

/** What was shown meanwhile. */
export interface Shown {
  readonly warnings: string[];
  readonly errors: string[];
  readonly information: string[];
  /** The details of modal questions. */
  readonly details: string[];
}

interface Replaceable {
  showWarningMessage: unknown;
  showErrorMessage: unknown;
  showInformationMessage: unknown;
  showOpenDialog: unknown;
  showSaveDialog: unknown;
}

/**
 * Answers dialogs while `act` runs: VS Code refuses modal dialogs as long as a suite runs inside it. The same dialogs
 * are clicked for real by `npm start -- --check`.
 */
export async function answering(answers: Answers, act: () => Promise<unknown>): Promise<Shown> {
  const shown: Shown = { warnings: [], errors: [], information: [], details: [] };
  const window = vscode.window as unknown as Replaceable;
  const original = { ...window };
  const warnings = answers.warnings?.values();
  const warning = () => (warnings ? warnings.next().value : answers.warning);
  window.showWarningMessage = recorder(shown.warnings, warning, shown.details);
  window.showErrorMessage = recorder(shown.errors, () => answers.error);
  window.showInformationMessage = recorder(shown.information, () => answers.information, shown.details);
  let opened = 0;
  window.showOpenDialog = async () => (answers.opens ? answers.opens[opened++] : answers.open);
  window.showSaveDialog = async () => answers.save;
  try {
    await act();
    return shown;
  } finally {
    const { showWarningMessage, showErrorMessage, showInformationMessage } = original;
    const { showOpenDialog, showSaveDialog } = original;
    Object.assign(window, { showWarningMessage, showErrorMessage, showInformationMessage });
    Object.assign(window, { showOpenDialog, showSaveDialog });
  }
}

function recorder(messages: string[], answer: () => string | undefined, details: string[] = []) {
  return async (message: string, ...items: unknown[]) => {
    messages.push(message);
    const [first] = items;
    if (typeof first === 'object' && first !== null && 'detail' in first) details.push(String(first.detail));
    const wanted = answer();
    return items.find((item) => item === wanted);
  };
}
