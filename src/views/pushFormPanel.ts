import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { ChosenField, FileFacts, FromPage, PushForm, ToPage } from '../../media/pushForm/messages';
import { adviceFor } from '../host/advice';
import { describeProgress, type Job } from '../host/progress';
import { isAbort, messageOf } from '../oci/errors';
import { nowInSeconds } from '../operations/manifestPlan';
import type { OrasCommand } from '../oci/orasCommand';
import type { DefinedFile, DefinedPush } from '../oci/pushDefinition';
import type { Progress } from '../oci/progress';
import type { PushPreview } from '../operations/previewPush';
import type { PushResult } from '../operations/push';
import { definitionOf, formOf, lastingDefinition, problemsOf } from './pushFormContent';
import { factsOf, pushedMessage, shownPreview } from './pushFormTexts';
import { tabIcon } from './tabIcon';
import { webviewHtml } from './webviewPage';

/** Previews and pushes of one form. */
export interface PushFormSession extends vscode.Disposable {
  preview(defined: DefinedPush, job: Job): Promise<PushPreview & { readonly command?: OrasCommand }>;
  /** A failure is shown to the user before it is thrown. */
  push(push: {
    readonly defined: DefinedPush;
    readonly lasting: DefinedPush;
    readonly retry: () => unknown;
  }): Promise<PushResult>;
}

/** What the form leaves to others. Paths are as a definition in `folder` has them; undefined for a dismissed dialog. */
export interface PushFormWork {
  newSession(): PushFormSession;
  chooseFiles(folder: string, folders: boolean): Promise<readonly DefinedFile[]>;
  chooseFile(folder: string, title: string): Promise<string | undefined>;
  chooseFileToWrite(folder: string, title: string): Promise<string | undefined>;
  chooseRepository(): Promise<string | undefined>;
  chooseArtifactType(): Promise<string | undefined>;
  /** Keeps what the form says in the workspace, where that can be done. */
  save?(defined: DefinedPush): Promise<unknown>;
}

const PAGE = { name: 'pushForm', title: 'Push as OCI artifact' };
/** Who types is not interrupted. */
const PREVIEW_AFTER_MS = 250;
const REPORT_EVERY_MS = 250;

/** The push forms that are open; each has a push of its own. */
export class PushForms implements vscode.Disposable {
  private readonly open = new Set<PushFormPanel>();

  constructor(
    private readonly mediaFolder: vscode.Uri,
    private readonly newWork: () => PushFormWork,
  ) {}

  /** Opens a form, filled in with what a push is told. */
  show(defined: DefinedPush): void {
    const panel = new PushFormPanel(defined, this.mediaFolder, this.newWork());
    this.open.add(panel);
    panel.onDidDispose(() => this.open.delete(panel));
  }

  dispose(): void {
    for (const panel of this.open) panel.dispose();
  }
}

/**
 * One form. The page edits, and is gone while another editor hides it; what it last said is kept here, and sent when it
 * is made again.
 */
class PushFormPanel {
  private readonly panel: vscode.WebviewPanel;
  private readonly session: PushFormSession;
  private readonly folder: string;
  private readonly facts: Record<string, FileFacts> = {};
  private form: PushForm;
  private revision = 0;
  /** The time of creation that nobody typed. */
  private ownTime: string;
  private controller = new AbortController();

  constructor(
    { definition, folder }: DefinedPush,
    mediaFolder: vscode.Uri,
    private readonly work: PushFormWork,
  ) {
    this.folder = folder;
    this.ownTime = nowInSeconds();
    this.form = formOf(definition, this.ownTime);
    this.session = work.newSession();
    const options = { enableScripts: true, localResourceRoots: [mediaFolder] };
    this.panel = vscode.window.createWebviewPanel(
      'ociArtifacts.pushForm',
      PAGE.title,
      vscode.ViewColumn.Active,
      options,
    );
    this.panel.iconPath = tabIcon(mediaFolder);
    const trusted = vscode.workspace.onDidGrantWorkspaceTrust(() => this.offer());
    this.panel.webview.onDidReceiveMessage((message: FromPage) => this.receive(message));
    this.panel.webview.html = webviewHtml(this.panel.webview, mediaFolder, PAGE);
    this.panel.onDidDispose(() => {
      this.controller.abort();
      this.session.dispose();
      trusted.dispose();
    });
  }

  get onDidDispose(): vscode.Event<void> {
    return this.panel.onDidDispose;
  }

  dispose(): void {
    this.panel.dispose();
  }

  private receive(message: FromPage): unknown {
    switch (message.type) {
      case 'ready':
        return this.open();
      case 'changed':
        this.form = message.form;
        this.revision = message.revision;
        return this.check();
      case 'addFiles':
        return this.addFiles(message.folders);
      case 'choose':
        return this.choose(message.field);
      case 'push':
        return this.push();
      case 'save':
        return this.work.save?.(this.lasting);
      case 'copy':
        return vscode.env.clipboard.writeText(message.text);
    }
  }

  private get defined(): DefinedPush {
    return { definition: definitionOf(this.form), folder: this.folder };
  }

  private get lasting(): DefinedPush {
    return { definition: lastingDefinition(this.form, this.ownTime), folder: this.folder };
  }

  private async open(): Promise<void> {
    await this.learnFacts(this.form.files);
    const { form, revision, offers, facts } = this;
    this.post({ type: 'form', form, revision, offers, facts });
  }

  private get offers() {
    const gitStampProblem = vscode.workspace.isTrusted
      ? ''
      : 'Git is not run in a workspace that you do not trust.';
    return { gitStampProblem, canSave: this.work.save !== undefined };
  }

  private offer(): void {
    this.post({ type: 'offers', offers: this.offers });
    void this.check();
  }

  private async addFiles(folders: boolean): Promise<void> {
    const chosen = await this.work.chooseFiles(this.folder, folders);
    const files = formOf({ to: '', files: chosen }, '').files;
    await this.learnFacts(files);
    this.post({ type: 'files', files, facts: this.facts });
  }

  private async learnFacts(files: PushForm['files']): Promise<void> {
    for (const { path } of files) this.facts[path] = await factsOf(this.folder, path);
  }

  private async choose(field: ChosenField): Promise<void> {
    const value = await this.chosen(field);
    if (value !== undefined) this.post({ type: 'chosen', field, value });
  }

  private async chosen(field: ChosenField): Promise<string | undefined> {
    switch (field) {
      case 'repository':
        return this.work.chooseRepository();
      case 'artifactType':
        return this.work.chooseArtifactType();
      case 'configPath':
        return this.work.chooseFile(this.folder, 'Config of the artifact');
      case 'annotationFile':
        return this.work.chooseFile(this.folder, 'Annotation file');
      case 'exportManifest':
        return this.work.chooseFileToWrite(this.folder, 'Write the manifest to');
      case 'created':
        return (this.ownTime = nowInSeconds());
    }
  }

  /** Fields at once, the manifest when nothing changes for a moment. An answer to an earlier form is dropped. */
  private async check(): Promise<void> {
    const { revision } = this;
    this.controller.abort();
    this.controller = new AbortController();
    const { signal } = this.controller;
    const problems = problemsOf(this.form);
    const isReadable = Object.keys(problems).every((field) => field === 'repository' || field === 'tags');
    this.post({ type: 'checked', revision, problems, isReadable });
    if (!isReadable) return;
    try {
      await delay(PREVIEW_AFTER_MS, undefined, { signal });
      const job = { signal, onProgress: this.reporter(revision) };
      const preview = await this.session.preview(this.defined, job);
      signal.throwIfAborted();
      this.post({ type: 'preview', revision, preview: shownPreview(preview, this.form, this.facts) });
    } catch (error) {
      if (!isAbort(error)) this.post({ type: 'previewFailed', revision, message: messageOf(error) });
    }
  }

  private reporter(revision: number): (now: Progress) => void {
    let shownAtMs = Date.now();
    return (now) => {
      if (Date.now() - shownAtMs < REPORT_EVERY_MS) return;
      shownAtMs = Date.now();
      this.post({ type: 'reading', revision, message: describeProgress(now) });
    };
  }

  private async push(): Promise<void> {
    if (Object.keys(problemsOf(this.form)).length > 0) return;
    const { defined, lasting } = this;
    const { to } = defined.definition;
    this.post({ type: 'pushing', to });
    try {
      const result = await this.session.push({ defined, lasting, retry: () => this.push() });
      this.post({ type: 'pushed', ...pushedMessage(to, result) });
    } catch (error) {
      const message = isAbort(error) ? 'Cancelled.' : adviceFor(error).detail;
      this.post({ type: 'notPushed', message });
    }
  }

  private post(message: ToPage): void {
    void this.panel.webview.postMessage(message);
  }
}
