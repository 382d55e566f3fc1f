import * as vscode from 'vscode';
import { pushFormWork } from '../commands/pushFormWork';
import type { Services } from '../commands/services';
import type { ManifestTarget } from '../host/rowTarget';
import type { RepositoryTarget } from '../oci/registryTarget';
import { DetailsPanels } from '../views/detailsPanel';
import { ManifestDocuments } from '../views/manifestDocuments';
import { PushForms } from '../views/pushFormPanel';

/** What opens in the editor area. */
export interface Pages extends vscode.Disposable {
  readonly openers: Pick<Services, 'openManifest' | 'openDetails' | 'openPushForm'>;
}

/** Where the pages are bundled, what they read, and what the form works with; that is asked for when one opens. */
export interface PagesOptions {
  readonly extensionUri: vscode.Uri;
  readonly repositoryOf: (target: ManifestTarget) => RepositoryTarget;
  readonly services: () => Services;
}

/** Builds the manifest documents, the details pages and the push forms. */
export function newPages({ extensionUri, repositoryOf, services }: PagesOptions): Pages {
  const mediaFolder = vscode.Uri.joinPath(extensionUri, 'dist', 'media');
  const manifests = new ManifestDocuments(repositoryOf);
  const details = new DetailsPanels(mediaFolder, repositoryOf);
  const forms = new PushForms(mediaFolder, () => pushFormWork(services()));
  return {
    openers: {
      openManifest: (target) => manifests.open(target),
      openDetails: async (target) => details.show(target),
      openPushForm: (defined) => forms.show(defined),
    },
    dispose: () => {
      for (const each of [manifests, details, forms]) each.dispose();
    },
  };
}
