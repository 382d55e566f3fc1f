import * as vscode from 'vscode';
import { parseSource } from '../oci/pullDefinition';
import { planDefined } from './definedPull';
import { askDefinition } from './definitions/askDefinition';
import { requireTrust } from './definitions/findDefinitions';
import { readPull } from './definitions/readDefinition';
import { withDefinition } from './definitions/withDefinition';
import { ofEntry } from './definitions/writtenDefinition';
import { pullInto } from './pullInto';
import type { Command } from './services';

/** Pulls what a definition of the workspace says: `(file?, name?)`, else it is chosen. Asks about files that exist. */
export const pullDefinedArtifact: Command = (services, ...args) =>
  withDefinition(services, 'The pull did not begin', async () => {
    requireTrust();
    const found = await askDefinition(services, 'pull', args);
    if (!found) return;
    const defined = await readPull(services, ofEntry(found.entry, found.folder.uri.fsPath));
    const { from, keepExisting } = defined.definition;
    await pullInto(services, {
      reference: parseSource(from),
      folder: vscode.Uri.file(defined.into),
      plan: planDefined(defined),
      ...(keepExisting && { keepExisting }),
    });
  });
