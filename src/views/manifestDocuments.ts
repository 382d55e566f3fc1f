import * as vscode from 'vscode';
import { prettyJson } from '../host/jsonText';
import { tagOrDigest, type ManifestTarget } from '../host/rowTarget';
import type { RepositoryTarget } from '../oci/registryTarget';
import { MANIFEST_SCHEME, manifestUri, parseManifestUri } from './manifestUri';

/** Manifests as read-only JSON documents, addressed by digest, so that a document never changes. */
export class ManifestDocuments implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly registration: vscode.Disposable;

  constructor(
    private readonly repositoryOf: (target: { host: string; repository: string }) => RepositoryTarget,
  ) {
    this.registration = vscode.workspace.registerTextDocumentContentProvider(MANIFEST_SCHEME, this);
  }

  /** Resolves a tag to its digest and shows that manifest. Errors: those of the registry target. */
  async open(target: ManifestTarget): Promise<void> {
    const { host, repository, descriptor } = target;
    const { digest } = descriptor ?? (await this.repositoryOf(target).resolve(tagOrDigest(target)));
    const uri = vscode.Uri.parse(manifestUri({ host, repository, digest }));
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.languages.setTextDocumentLanguage(document, 'json');
    await vscode.window.showTextDocument(document, { preview: true });
  }

  /** Laid out for reading; the digest is that of the compact bytes. */
  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const address = parseManifestUri(uri.toString());
    if (!address) throw new Error(`${uri.toString()} does not name a manifest.`);
    const { bytes } = await this.repositoryOf(address).readManifest(address.digest);
    return prettyJson(Buffer.from(bytes).toString('utf8'));
  }

  dispose(): void {
    this.registration.dispose();
  }
}
