import * as vscode from 'vscode';
import type { Command } from './services';

/** Opens the user's settings as text at the registries: what is not understood cannot be changed in a form. */
export const openSettings: Command = () =>
  vscode.commands.executeCommand('workbench.action.openSettingsJson', {
    revealSetting: { key: 'ociArtifacts.registries' },
  });
