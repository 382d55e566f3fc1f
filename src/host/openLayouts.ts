import type * as vscode from 'vscode';

/** `state` is the workspace's, which outlives the window. */
export interface OpenLayoutsOptions {
  readonly state: Pick<vscode.Memento, 'get' | 'update'>;
  readonly onChange: () => void;
}

const KEY = 'openLayouts';

/** The OCI layout folders and archives in the sidebar, as absolute paths; each workspace has its own. */
export class OpenLayouts {
  constructor(private readonly options: OpenLayoutsOptions) {}

  get paths(): readonly string[] {
    return this.options.state.get<readonly string[]>(KEY) ?? [];
  }

  async add(file: string): Promise<void> {
    if (!this.paths.includes(file)) await this.write([...this.paths, file]);
  }

  /** Nothing is deleted on disk. */
  async remove(file: string): Promise<void> {
    await this.write(this.paths.filter((known) => known !== file));
  }

  private async write(paths: readonly string[]): Promise<void> {
    await this.options.state.update(KEY, paths);
    this.options.onChange();
  }
}
