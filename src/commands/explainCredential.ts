import * as vscode from 'vscode';
import { commandIds } from '../host/commandIds';
import { explanationSummary, stepText, stepWords } from '../host/credentialWords';
import { plainItem } from '../host/pick';
import { targetOf } from '../host/rowTarget';
import type { CredentialExplanation, SourceStep } from '../host/signIns';
import { isAbort } from '../oci/errors';
import { askHost } from './askHost';
import type { Command, Services } from './services';
import { withoutAnswer } from './withoutAnswer';

interface StepItem extends vscode.QuickPickItem {
  readonly step?: SourceStep;
}

const CHANGE_ORDER: vscode.QuickInputButton = {
  iconPath: new vscode.ThemeIcon('gear'),
  tooltip: 'Change the order',
};
const CHOOSE_ACCOUNT: vscode.QuickInputButton = {
  iconPath: new vscode.ThemeIcon('account'),
  tooltip: 'Choose account…',
};

/** Shows where a registry's credential comes from: what each source said, in order. Choosing a row copies its text. */
export const explainCredential: Command = async (services, row) => {
  const host = await askHost(services, row, 'Why this credential: registry');
  if (!host) return;
  const repository = targetOf(row)?.repository;
  const list = vscode.window.createQuickPick<StepItem>();
  list.title = `Why this credential? ${[host, repository].filter(Boolean).join('/')}`;
  list.placeholder = 'Asking each source…';
  list.buttons = [CHOOSE_ACCOUNT, CHANGE_ORDER];
  list.matchOnDescription = true;
  list.matchOnDetail = true;
  list.busy = true;
  try {
    await untilHidden(list, host, (signal) => fill(services, list, { host, repository, signal }));
  } finally {
    list.dispose();
  }
};

async function fill(
  { signIns }: Services,
  list: vscode.QuickPick<StepItem>,
  { host, repository, signal }: { host: string; repository: string | undefined; signal: AbortSignal },
): Promise<void> {
  const explanation = await signIns.explain(host, { signal, ...(repository && { repository }) });
  list.busy = false;
  list.placeholder = explanationSummary(explanation);
  list.items = itemsOf(explanation);
}

function itemsOf({ steps }: CredentialExplanation): StepItem[] {
  const isOff = ({ report }: SourceStep) => report.outcome === 'switchedOff';
  const on = steps
    .filter((step) => !isOff(step))
    .map(itemOf)
    .map(plainItem);
  const off = steps.filter(isOff).map(itemOf).map(plainItem);
  return [...on, ...(off.length > 0 ? [separator('Switched off'), ...off] : [])];
}

function itemOf(step: SourceStep): StepItem {
  const { icon, color, state, detail } = stepWords(step);
  return {
    step,
    label: step.label,
    description: state,
    ...(detail !== undefined && { detail }),
    iconPath: new vscode.ThemeIcon(icon, color === undefined ? undefined : new vscode.ThemeColor(color)),
    alwaysShow: true,
  };
}

function separator(label: string): StepItem {
  return { label, kind: vscode.QuickPickItemKind.Separator };
}

/** Resolves when the list was left; that also ends what still runs. */
function untilHidden(
  list: vscode.QuickPick<StepItem>,
  host: string,
  run: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const controller = new AbortController();
  return new Promise((resolve, reject) => {
    list.onDidHide(() => {
      controller.abort();
      resolve();
    });
    list.onDidAccept(() => copyAndClose(list));
    list.onDidTriggerButton((button) => void openButton(button, host));
    list.show();
    run(controller.signal).catch((error: unknown) => (isAbort(error) ? resolve() : reject(error as Error)));
  });
}

function copyAndClose(list: vscode.QuickPick<StepItem>): void {
  const [chosen] = list.activeItems;
  if (!chosen?.step) return;
  void vscode.env.clipboard.writeText(stepText(chosen.step));
  list.hide();
  withoutAnswer(`Copied: ${stepText(chosen.step)}`);
}

async function openButton(button: vscode.QuickInputButton, host: string): Promise<void> {
  if (button === CHOOSE_ACCOUNT) {
    await vscode.commands.executeCommand(commandIds.chooseAccount, { target: { host } });
  } else {
    await vscode.commands.executeCommand('workbench.action.openSettings', '@id:ociArtifacts.credentialOrder');
  }
}
