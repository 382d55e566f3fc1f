import * as vscode from 'vscode';
import { plainProblem } from './askText';
import { plainText } from './plainText';

/** One question of several. */
export interface Step {
  readonly prompt: string;
  readonly placeholder: string;
  /** What stands in the box at first. */
  readonly value?: string;
  /** Why the text cannot be taken, as a sentence; undefined when it can. */
  readonly problem: (text: string) => string | undefined;
}

/**
 * Asks one question after the other; Escape and the Back button lead to the question before, whose answer is kept.
 * Undefined for who went back from the first.
 */
export async function askSteps(title: string, steps: readonly Step[]): Promise<string[] | undefined> {
  const answers: string[] = [];
  let at = 0;
  for (let step = steps[at]; step; step = steps[at]) {
    const answer = await askStep(
      { ...step, value: answers[at] ?? step.value ?? '' },
      { title, at, of: steps.length },
    );
    if (answer !== undefined) answers[at++] = answer;
    else if (--at < 0) return undefined;
  }
  return answers;
}

interface Place {
  readonly title: string;
  readonly at: number;
  readonly of: number;
}

async function askStep(step: Step, { title, at, of }: Place): Promise<string | undefined> {
  const box = vscode.window.createInputBox();
  const text = () => box.value.trim();
  Object.assign(box, {
    title,
    prompt: plainText(step.prompt),
    placeholder: step.placeholder,
    value: step.value ?? '',
  });
  Object.assign(box, { ignoreFocusOut: true, buttons: [vscode.QuickInputButtons.Back] });
  if (of > 1) Object.assign(box, { step: at + 1, totalSteps: of });
  try {
    return await new Promise<string | undefined>((resolve) => {
      box.onDidChangeValue(() => {
        box.validationMessage = text() === '' ? undefined : plainProblem(step.problem(text()));
      });
      box.onDidTriggerButton(() => resolve(undefined));
      box.onDidHide(() => resolve(undefined));
      box.onDidAccept(() => {
        box.validationMessage = plainProblem(step.problem(text()));
        if (box.validationMessage === undefined) resolve(text());
      });
      box.show();
    });
  } finally {
    box.dispose();
  }
}
