import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { page, type PageCall } from './page';
import { percentRow } from './sidebar';

/** How long a window may take to come up. */
const START_MS = 30_000;
/** How long is waited for the sidebar before its icon is clicked, and how often. */
const LOOK_MS = 2000;
const TRIES = 8;

/** A VS Code window beside the one that the tests run in, with the same user and the same extension; driven by its page. */
export class SecondWindow {
  private constructor(private readonly folder: string) {}

  /** Opens a window on a folder, into which definitions are written as `.oci/artifacts.json`. */
  static async open(folder: string, definitions: unknown): Promise<SecondWindow> {
    await mkdir(path.join(folder, '.oci'), { recursive: true });
    await writeFile(path.join(folder, '.oci/artifacts.json'), JSON.stringify(definitions));
    return new SecondWindow(folder);
  }

  /** Runs a command from the palette by its shown title. The palette has what is offered when it is opened: so again. */
  async palette(title: string): Promise<void> {
    const entry: readonly PageCall[] = [
      ['locator', '.quick-input-list'],
      ['getByText', title, { exact: true }],
      ['first'],
    ];
    for (let tries = 1; ; tries++) {
      await this.page(['keyboard'], ['press', 'F1']);
      await this.page(['locator', '.quick-input-widget input'], ['first'], ['fill', `>${title}`]);
      try {
        return await this.page(...entry, ['click', { timeout: LOOK_MS }]);
      } catch (error) {
        if (tries === TRIES) throw error;
        await this.page(['keyboard'], ['press', 'Escape']);
      }
    }
  }

  /** Chooses an item of the quick pick that says `title`. */
  async chooseItem(title: string, label: string): Promise<void> {
    const box: PageCall = ['locator', '.quick-input-widget:visible', { hasText: title }];
    await this.page(box, ['locator', '.label-name', { hasText: label }], ['first'], ['click']);
  }

  /** Shows the sidebar of this extension. Another click would hide it, and a window that comes up may show it by itself. */
  async openView(): Promise<void> {
    const title: PageCall = ['locator', '.sidebar .composite.title:visible', { hasText: 'OCI Artifacts' }];
    await this.icon(['waitFor', { timeout: START_MS }]);
    for (let tries = 1; ; tries++) {
      try {
        return await this.page(title, ['waitFor', { timeout: LOOK_MS }]);
      } catch (error) {
        if (tries === TRIES) throw error;
        await this.icon(['click']);
      }
    }
  }

  /** Waits for a row of the sidebar whose accessible name begins with a label. */
  async seeRow(label: string): Promise<void> {
    await this.row(label, ['waitFor', { timeout: START_MS }]);
  }

  /** Waits for the row of a transfer; see `percentRow`. */
  async seePercent(label: string, tens: number): Promise<void> {
    await this.page(['locator', percentRow(label, tens)], ['first'], ['waitFor', { timeout: START_MS }]);
  }

  /** Waits until there is no such row. */
  async goneRow(label: string): Promise<void> {
    await this.row(label, ['waitFor', { state: 'detached', timeout: START_MS }]);
  }

  /** Right-clicks a row and chooses an item of its menu. */
  async chooseFromRow(label: string, item: string): Promise<void> {
    await this.row(label, ['click', { button: 'right' }]);
    const entry: readonly PageCall[] = [['getByRole', 'menuitem', { name: item }], ['first']];
    await this.page(...entry, ['waitFor']);
    await this.page(...entry, ['click', { delay: 150 }]);
  }

  async reload(): Promise<void> {
    await this.page(['reload']);
  }

  async close(): Promise<void> {
    await this.page(['close', { runBeforeUnload: false }]);
  }

  private icon(call: PageCall): Promise<unknown> {
    return this.page(['getByRole', 'tab', { name: 'OCI Artifacts' }], ['first'], call);
  }

  private row(label: string, call: PageCall): Promise<unknown> {
    const css = `.sidebar [role=treeitem][aria-label^=${JSON.stringify(label)}]`;
    return this.page(['locator', css], ['first'], call);
  }

  private page<Value>(...chain: readonly PageCall[]): Promise<Value> {
    return page<Value>(['window', this.folder], ...chain);
  }
}
