import * as vscode from 'vscode';
import { plainText } from './plainText';

/** What is asked for; see `vscode.InputBoxOptions`. */
export interface AskTextOptions extends vscode.InputBoxOptions {
  /** Why the text cannot be taken, as a sentence; nothing when it can. */
  readonly validateInput?: (text: string) => string | undefined;
}

/** Asks for a line of text; what is said below the box holds no links. Undefined when dismissed. */
export function askText(options: AskTextOptions): Thenable<string | undefined> {
  const { prompt, validateInput } = options;
  return vscode.window.showInputBox({
    ...options,
    ...(prompt && { prompt: plainText(prompt) }),
    ...(validateInput && { validateInput: (text) => plainProblem(validateInput(text)) }),
  });
}

/** A problem as it is shown. */
export function plainProblem(problem: string | undefined): string | undefined {
  return problem && plainText(problem);
}
