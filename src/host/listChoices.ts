import * as vscode from 'vscode';

/** How tags are sorted: as the registry lists them, by name with numbers as numbers, by version or date with the newest first. */
export type TagOrder = 'registry' | 'name' | 'version' | 'date';

const ORDER_KEY = 'tagOrder';
const HIDES_KEY = 'hidesDigestTags';
const HIDES_CONTEXT = 'ociArtifacts.digestTagsHidden';

/** What the user chose to see of lists: order and hidden tags are kept, filters last as long as the window. */
export class ListChoices {
  private readonly filters = new Map<string, string>();

  constructor(private readonly state: Pick<vscode.Memento, 'get' | 'update'>) {
    void this.tellHides();
  }

  get order(): TagOrder {
    return this.state.get<TagOrder>(ORDER_KEY) ?? 'registry';
  }

  get hidesDigestTags(): boolean {
    return this.state.get<boolean>(HIDES_KEY) ?? false;
  }

  /** The filter of a row, by its id; undefined when all is shown. */
  filterOf(id: string): string | undefined {
    return this.filters.get(id);
  }

  /** An empty text shows all again. */
  filter(id: string, text: string): void {
    if (text === '') this.filters.delete(id);
    else this.filters.set(id, text);
  }

  async sortTags(order: TagOrder): Promise<void> {
    await this.state.update(ORDER_KEY, order);
  }

  async hideDigestTags(hide: boolean): Promise<void> {
    await this.state.update(HIDES_KEY, hide);
    await this.tellHides();
  }

  private async tellHides(): Promise<void> {
    await vscode.commands.executeCommand('setContext', HIDES_CONTEXT, this.hidesDigestTags);
  }
}
