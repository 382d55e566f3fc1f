import type * as vscode from 'vscode';
import type { ArtifactTree } from '../host/artifactTree';
import type { ListChoices } from '../host/listChoices';
import type { LocalRegistry } from '../host/localRegistry';
import type { ManifestDrafts } from '../host/manifestDrafts';
import type { OpenLayouts } from '../host/openLayouts';
import type { ManifestTarget } from '../host/rowTarget';
import type { Settings } from '../host/settings';
import type { SignIns } from '../host/signIns';
import type { TextDocuments } from '../host/textDocuments';
import type { Transfers } from '../host/transfers';
import type { BackupTarget } from '../oci/backupTarget';
import type { Digest } from '../oci/digest';
import type { GitFacts } from '../oci/gitStamp';
import type { DefinedPush } from '../oci/pushDefinition';
import type { RegistryTarget } from '../oci/registryTarget';
import type { ChartContent } from '../oci/helmChart';
import type { CollectUnused } from '../oci/unusedContent';
import type { FileSink, FileSource, WaitOptions } from '../oci/target';
import type { StagingKeeper } from '../oci/transferStore';

/** A file source with temporary files to remove when done. */
export type DisposableFileSource = FileSource & {
  /** Removes the temporary files but for those of these digests. */
  forgetExcept(digests: readonly Digest[]): Promise<void>;
  dispose(): Promise<void>;
};

/** A chart of this machine, with a temporary archive to remove when done. */
export type DisposableChart = ChartContent & { dispose(): Promise<void> };

/** What commands work with; built once by wiring/main.ts. */
export interface Services {
  readonly settings: Settings;
  readonly log: vscode.LogOutputChannel;
  /** What was used last: references, artifact types. Never a secret. */
  readonly state: vscode.Memento;
  /** What was done in this workspace: pushes with their options. Never a secret. */
  readonly workspaceState: vscode.Memento;
  readonly signIns: SignIns;
  readonly tree: ArtifactTree;
  readonly listChoices: ListChoices;
  readonly localRegistry: LocalRegistry;
  /** Where the local registry keeps its content unless a setting says otherwise. */
  readonly localRegistryRoot: string;
  /** OCI layouts that the sidebar shows. */
  readonly layouts: OpenLayouts;
  /**
   * A registry by its host, or a folder of layouts by the host of a `layoutPlace`. With `during`
   * (`Pushing host/name:tag`), for what a person waits for: a refusal becomes the question to sign in again, and the work
   * goes on. Without, a refusal is an error at once.
   */
  readonly openRegistry: (host: string, options?: { readonly during?: string }) => RegistryTarget;
  /** A `.tar` or a layout folder to back up to. With a keeper, what was received for a `.tar` stays when it stops. */
  readonly newBackup: (file: string, keeper?: StagingKeeper) => Promise<BackupTarget>;
  /** Removes what nothing refers to from the local registry's folder or a layout. */
  readonly collectUnused: CollectUnused;
  /** `ignoreFile` and `keepModes` as in a `PushDefinition`; `reuse` reads only what was touched since. */
  readonly newFileSource: (options?: {
    readonly ignoreFile?: string;
    readonly keepModes?: boolean;
    readonly reuse?: boolean;
  }) => DisposableFileSource;
  /** Errors: FileError. */
  readonly readWholeFile: (file: string, maxBytes: number) => Promise<Uint8Array>;
  /**
   * The absolute path of what is in a folder and stays there, through links too; nothing is written to what programs
   * obey. Errors: UnsafePathError, FileError.
   */
  readonly pathInFolder: (folder: string, given: string, use: 'read' | 'write') => Promise<string>;
  /** The file appears whole or not at all. Errors: FileError. */
  readonly writeWholeFile: (file: string, bytes: Uint8Array) => Promise<void>;
  /** Nothing in a workspace that is not trusted: git runs programs that a repository names. */
  readonly gitFacts: (folder: string, options?: WaitOptions) => Promise<GitFacts>;
  /** Whether a folder or archive is a Helm chart. Errors: FileError. */
  readonly isChart: (file: string, options?: WaitOptions) => Promise<boolean>;
  readonly openChart: (file: string, options?: WaitOptions) => Promise<DisposableChart>;
  /** With a keeper, what was received stays when a pull stops. */
  readonly newFileSink: (folder: string, keeper?: StagingKeeper) => FileSink;
  /** What moves content, what of it runs and what can be continued. */
  readonly transfers: Transfers;
  readonly openManifest: (target: ManifestTarget) => Promise<void>;
  readonly texts: TextDocuments;
  readonly drafts: ManifestDrafts;
  readonly openDetails: (target: ManifestTarget) => Promise<void>;
  /** Opens the form of a push, filled in. `to` may still be missing. */
  readonly openPushForm: (defined: DefinedPush) => void;
}

/** A command: what VS Code passes in, e.g. a row, or the Explorer's resource and selection. */
export type Command = (services: Services, ...args: unknown[]) => unknown;
