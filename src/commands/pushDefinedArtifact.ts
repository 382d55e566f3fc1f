import { askDefinition } from './definitions/askDefinition';
import { confirmHost } from './definitions/confirmHost';
import { requireTrust } from './definitions/findDefinitions';
import { readPush } from './definitions/readDefinition';
import { withDefinition } from './definitions/withDefinition';
import { ofEntry } from './definitions/writtenDefinition';
import { pushDefined } from './pushAndTell';
import type { Command } from './services';

/** Pushes what a definition of the workspace says: `(file?, name?)`, else it is chosen. */
export const pushDefinedArtifact: Command = (services, ...args) =>
  withDefinition(services, 'The push did not begin', async () => {
    requireTrust();
    const found = await askDefinition(services, 'push', args);
    if (!found) return;
    const written = ofEntry(found.entry, found.folder.uri.fsPath);
    const defined = await readPush(services, written);
    if (await confirmHost(services, written.what, defined.definition.to))
      await pushDefined(services, defined);
  });
