import * as vscode from 'vscode';
import { isAbort, NotListedError } from '../oci/errors';
import { adviceFor, type NextStep } from './advice';
import { commandIds, type CommandId } from './commandIds';
import { logError } from './log';
import { showFailure } from './messages';

/** What each step is called on a button, and the command behind it; `retry` is given by whoever failed. */
const STEP: Readonly<Record<Exclude<NextStep, 'retry'>, { label: string; command: CommandId }>> = {
  signIn: { label: 'Sign in', command: commandIds.signIn },
  usePlainHttp: { label: 'Use plain HTTP', command: commandIds.usePlainHttp },
  skipVerification: { label: 'Skip verification', command: commandIds.skipVerification },
  chooseCaFile: { label: 'Trust CA file…', command: commandIds.chooseCaFile },
  chooseCaFileAgain: { label: 'Choose file…', command: commandIds.chooseCaFile },
  chooseClientCertificateAgain: { label: 'Choose file…', command: commandIds.chooseClientCertificate },
  chooseClientCertificate: { label: 'Client certificate…', command: commandIds.chooseClientCertificate },
  addRepository: { label: 'Add repository…', command: commandIds.addRepository },
  openSettings: { label: 'Open settings', command: commandIds.openSettings },
  showLog: { label: 'Show log', command: commandIds.showLog },
};

/** What failed, for the message: `what` starts the sentence, `host` is where the next steps apply. */
export interface FailureContext {
  readonly what: string;
  readonly host?: string | undefined;
  readonly retry?: () => unknown;
  /** Another way to what was wanted, offered first; `label` is the button's. */
  readonly instead?: { readonly label: string; readonly run: () => unknown } | undefined;
}

/** Shows an error once, with the steps that fit; cancellation is not shown. */
export async function showError(
  channel: vscode.LogOutputChannel,
  error: unknown,
  { what, host, retry, instead }: FailureContext,
): Promise<void> {
  if (isAbort(error)) return;
  logError(channel, what, error);
  const { detail, steps } = adviceFor(error);
  const labels = steps.filter((step) => step !== 'retry' || retry).map(stepLabel);
  if (instead) labels.unshift(instead.label);
  // What was attached is there: it is not the whole that failed.
  const message = error instanceof NotListedError ? detail : `${what}: ${detail}`;
  const chosen = await showFailure(message, ...labels);
  if (chosen !== undefined && chosen === instead?.label) await instead.run();
  const step = steps.find((candidate) => stepLabel(candidate) === chosen);
  if (step === 'retry') await retry?.();
  else if (step) await vscode.commands.executeCommand(STEP[step].command, host && { target: { host } });
}

/** The button text of a step. */
export function stepLabel(step: NextStep): string {
  return step === 'retry' ? 'Try again' : STEP[step].label;
}

/** The command of a step; `retry` is a refresh of the row it belongs to. */
export function stepCommand(step: NextStep): CommandId {
  return step === 'retry' ? commandIds.refresh : STEP[step].command;
}
