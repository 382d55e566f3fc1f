import * as vscode from 'vscode';
import type { FromPage, ManifestRow, ToPage } from '../../media/details/messages';
import { commandIds, type CommandId } from '../host/commandIds';
import { referenceText, tagOrDigest, type ManifestTarget } from '../host/rowTarget';
import type { Descriptor } from '../oci/descriptor';
import { isDigest } from '../oci/digest';
import { isAbort, messageOf } from '../oci/errors';
import { parseUsable } from '../oci/manifest';
import type { RepositoryTarget } from '../oci/registryTarget';
import { boundedTexts } from './boundedTexts';
import { listedSoFar } from '../operations/listedSoFar';
import { referringTo } from '../operations/referring';
import { detailsContent, referringRow } from './detailsContent';
import { tabIcon } from './tabIcon';
import { webviewHtml } from './webviewPage';

const MAX_REFERRERS = 100;
const PAGE = { name: 'details', title: 'Artifact details' };

/** The details pages that are open, one a reference. */
export class DetailsPanels implements vscode.Disposable {
  private readonly open = new Map<string, DetailsPanel>();

  constructor(
    private readonly mediaFolder: vscode.Uri,
    private readonly repositoryOf: (target: ManifestTarget) => RepositoryTarget,
  ) {}

  /** Opens the page of a manifest, or brings the open one to the front with fresh content. */
  show(target: ManifestTarget): void {
    const key = referenceText(target);
    const known = this.open.get(key);
    if (known) return known.reveal();
    const panel = new DetailsPanel(target, this.mediaFolder, this.repositoryOf(target), (digest) =>
      this.showDigest(target, digest),
    );
    this.open.set(key, panel);
    panel.onDidDispose(() => this.open.delete(key));
  }

  dispose(): void {
    for (const panel of this.open.values()) panel.dispose();
  }

  private showDigest({ host, repository }: ManifestTarget, descriptor: Descriptor): void {
    this.show({ host, repository, descriptor });
  }
}

/** One details page: what it shows and what its buttons do. */
class DetailsPanel {
  private readonly panel: vscode.WebviewPanel;
  private controller = new AbortController();
  private readonly rows = new Map<string, Descriptor>();

  constructor(
    private readonly target: ManifestTarget,
    mediaFolder: vscode.Uri,
    private readonly repository: RepositoryTarget,
    private readonly openDescriptor: (descriptor: Descriptor) => void,
  ) {
    const title = target.tag
      ? `${target.repository}:${target.tag}`
      : `${target.repository}@${tagOrDigest(target).slice(0, 19)}`;
    this.panel = vscode.window.createWebviewPanel('ociArtifacts.details', title, vscode.ViewColumn.Active, {
      enableScripts: true,
      localResourceRoots: [mediaFolder],
    });
    this.panel.iconPath = tabIcon(mediaFolder);
    this.panel.webview.onDidReceiveMessage((message: FromPage) => this.receive(message));
    this.panel.webview.html = webviewHtml(this.panel.webview, mediaFolder, PAGE);
    this.panel.onDidDispose(() => this.controller.abort());
  }

  get onDidDispose(): vscode.Event<void> {
    return this.panel.onDidDispose;
  }

  reveal(): void {
    this.panel.reveal();
    void this.load();
  }

  dispose(): void {
    this.panel.dispose();
  }

  private receive(message: FromPage): unknown {
    switch (message.type) {
      case 'ready':
      case 'retry':
        return this.load();
      case 'pull':
        return this.run(commandIds.pull);
      case 'openManifest':
        return this.run(commandIds.openManifest);
      case 'copyDigestReference':
        return this.run(commandIds.copyDigestReference);
      case 'openDigest':
        return this.openRow(message.digest);
    }
  }

  private run(command: CommandId): Thenable<unknown> {
    return vscode.commands.executeCommand(command, { target: this.target });
  }

  /** Only what this page listed can be opened from it. */
  private openRow(digest: string): void {
    const descriptor = isDigest(digest) ? this.rows.get(digest) : undefined;
    if (descriptor) this.openDescriptor(descriptor);
  }

  private async load(): Promise<void> {
    this.controller.abort();
    this.controller = new AbortController();
    const { signal } = this.controller;
    try {
      const { descriptor, bytes } = await this.repository.readManifest(tagOrDigest(this.target), { signal });
      const manifest = parseUsable(bytes, descriptor.mediaType);
      this.keep(manifest.manifests);
      this.post({ type: 'content', content: detailsContent(this.target, descriptor, manifest) });
      await this.loadReferrers(descriptor, signal);
    } catch (error) {
      if (!isAbort(error)) this.post({ type: 'failed', message: messageOf(error) });
    }
  }

  private async loadReferrers(subject: Descriptor, signal: AbortSignal): Promise<void> {
    try {
      const missing: unknown[] = [];
      const onMissing = (error: unknown) => void missing.push(error);
      const list = referringTo(this.repository, subject, { signal, onMissing });
      const { entries, more, failure } = await listedSoFar(list, {
        max: MAX_REFERRERS,
        keyOf: ({ descriptor, signature }) => signature?.tag ?? descriptor.digest,
      });
      this.keep(entries.map(({ descriptor }) => descriptor));
      const rows: ManifestRow[] = entries.map(referringRow);
      const [error] = failure ? [failure.error] : missing;
      if (error !== undefined) this.post({ type: 'referrersFailed', rows, message: messageOf(error) });
      else this.post({ type: 'referrers', rows, more });
    } catch (error) {
      if (!isAbort(error)) throw error;
    }
  }

  private keep(descriptors: readonly Descriptor[]): void {
    for (const descriptor of descriptors) this.rows.set(descriptor.digest, descriptor);
  }

  private post(message: ToPage): void {
    void this.panel.webview.postMessage(boundedTexts(message));
  }
}
