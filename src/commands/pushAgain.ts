import * as vscode from 'vscode';
import { showInformation } from '../host/messages';
import { pastPushes } from '../host/pastPushes';
import { plainItem } from '../host/pick';
import type { DefinedFile, DefinedPush } from '../oci/pushDefinition';
import { pushDefined } from './pushAndTell';
import { startFolder } from './pushWithOptions';
import type { Command, Services } from './services';

const SHOWN_FILES = 3;
const FORM_BUTTON: vscode.QuickInputButton = {
  iconPath: new vscode.ThemeIcon('edit'),
  tooltip: 'Open in the push form',
};

interface PastItem extends vscode.QuickPickItem {
  readonly push: DefinedPush;
}

/** Offers the last pushes of the workspace: one that is chosen runs at once, its button opens it in the form. */
export const pushAgain: Command = async (services) => {
  const past = pastPushes(services.workspaceState);
  if (past.length === 0) return offerForm(services);
  const chosen = await choosePast(services, past);
  if (chosen) await pushDefined(services, chosen);
};

async function offerForm(services: Services): Promise<void> {
  const form = 'Push with options…';
  const answer = await showInformation('Nothing was pushed from this workspace yet.', form);
  if (answer === form) services.openPushForm({ definition: { to: '', files: [] }, folder: startFolder() });
}

/** Undefined when dismissed, or when it goes on in the form. */
async function choosePast(
  services: Services,
  past: readonly DefinedPush[],
): Promise<DefinedPush | undefined> {
  const box = vscode.window.createQuickPick<PastItem>();
  box.title = 'Push again with the same options';
  box.placeholder = 'Runs at once: what the files hold now goes to the same place';
  box.matchOnDescription = true;
  box.matchOnDetail = true;
  box.items = past.map(pastItem).map(plainItem);
  try {
    return await new Promise<DefinedPush | undefined>((resolve) => {
      box.onDidTriggerItemButton(({ item }) => {
        services.openPushForm(item.push);
        resolve(undefined);
      });
      box.onDidAccept(() => resolve(box.activeItems[0]?.push));
      box.onDidHide(() => resolve(undefined));
      box.show();
    });
  } finally {
    box.dispose();
  }
}

function pastItem(push: DefinedPush): PastItem {
  const { to, artifactType = '' } = push.definition;
  return { push, label: to, description: artifactType, detail: whatOf(push), buttons: [FORM_BUTTON] };
}

/** `README.md (text/markdown), policies and 2 more; config settings.json` */
function whatOf({ definition: { files, config } }: DefinedPush): string {
  const named = files.slice(0, SHOWN_FILES).map(fileText).join(', ');
  const more = files.length > SHOWN_FILES ? ` and ${files.length - SHOWN_FILES} more` : '';
  const listed = files.length > 0 ? `${named}${more}` : 'No files';
  return config ? `${listed}; config ${config.path}` : listed;
}

function fileText({ path, title, mediaType }: DefinedFile): string {
  const name = title ?? path;
  return mediaType ? `${name} (${mediaType})` : name;
}
