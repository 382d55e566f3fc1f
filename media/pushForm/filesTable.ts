import '@vscode-elements/elements/dist/vscode-table/index.js';
import '@vscode-elements/elements/dist/vscode-table-body/index.js';
import '@vscode-elements/elements/dist/vscode-table-cell/index.js';
import '@vscode-elements/elements/dist/vscode-table-header/index.js';
import '@vscode-elements/elements/dist/vscode-table-header-cell/index.js';
import '@vscode-elements/elements/dist/vscode-table-row/index.js';
import { element } from '../common/element';
import { button, iconButton, problemPlace, textInput } from './fields';
import type { FormState } from './formState';
import { host } from './host';
import type { FileFacts, FormFile } from './messages';

const COLUMNS = ['Title in the artifact', 'Media type', 'Size', ''];

/** The files to push: titles and types to edit, sizes, and the ways to add and to remove. */
export class FilesTable {
  readonly node = element('div', { className: 'field' });
  private facts: Readonly<Record<string, FileFacts>> = {};
  private sizes: readonly HTMLElement[] = [];

  constructor(private readonly state: FormState) {}

  /** What is on disk; draws the rows anew. */
  learn(facts: Readonly<Record<string, FileFacts>>): void {
    this.facts = facts;
    this.draw();
  }

  /** The sizes of layers, in the order of the files. */
  showSizes(layerSizes: readonly string[]): void {
    this.sizes.forEach((cell, at) => (cell.textContent = layerSizes[at] ?? ''));
  }

  private draw(): void {
    const { files } = this.state.form;
    this.sizes = files.map(({ path }) => element('span', {}, this.facts[path]?.size || '…'));
    const none = 'No files: an artifact of annotations alone. Add some, or push it so.';
    this.node.replaceChildren(
      files.length > 0 ? this.table(files) : element('p', { className: 'muted' }, none),
      element(
        'div',
        { className: 'actions' },
        button('Add files…', () => host.postMessage({ type: 'addFiles', folders: false })),
        button('Add folders…', () => host.postMessage({ type: 'addFiles', folders: true })),
      ),
    );
  }

  private table(files: readonly FormFile[]): HTMLElement {
    const cells = COLUMNS.map((name) => element('vscode-table-header-cell', {}, name));
    const head = element('vscode-table-header', { slot: 'header' }, ...cells);
    const body = element(
      'vscode-table-body',
      { slot: 'body' },
      ...files.map((file, at) => this.row(file, at)),
    );
    const whole = element('vscode-table', { className: 'files' }, head, body);
    whole.setAttribute('bordered-rows', '');
    whole.setAttribute('columns', '["44%", "36%", "12%", "8%"]');
    return whole;
  }

  private row(file: FormFile, at: number): HTMLElement {
    const remove = iconButton('close', `Remove ${file.title}`, () => {
      this.state.removeEntry('files', at);
      this.draw();
    });
    const contents = [this.titleCell(file, at), this.typeCell(file, at), [this.sizes[at] ?? ''], [remove]];
    return element(
      'vscode-table-row',
      {},
      ...contents.map((content) => element('vscode-table-cell', {}, ...content)),
    );
  }

  private titleCell(file: FormFile, at: number): HTMLElement[] {
    const input = textInput({
      label: `Title of ${file.path}`,
      value: file.title,
      onInput: (title) => this.state.updateEntry('files', at, { title }),
    });
    input.title = file.path;
    const icon = this.facts[file.path]?.isFolder ? 'folder' : 'file';
    input.append(element('vscode-icon', { slot: 'content-before', name: icon }));
    return [input, problemPlace(this.state, `files.${at}.title`, input)];
  }

  /** The default of `oras` counts; what the name tells is offered. */
  private typeCell(file: FormFile, at: number): HTMLElement[] {
    const { defaultType = '', guessedType } = this.facts[file.path] ?? {};
    const input = textInput({
      label: `Media type of ${file.path}`,
      value: file.mediaType,
      placeholder: defaultType,
      onInput: (mediaType) => {
        this.state.updateEntry('files', at, { mediaType });
        offer.hidden = mediaType !== '';
      },
    });
    const offer = element(
      'a',
      { href: '#', hidden: !guessedType || file.mediaType !== '' },
      `Use ${guessedType}`,
    );
    offer.addEventListener('click', (event) => {
      event.preventDefault();
      input.value = guessedType ?? '';
      input.dispatchEvent(new Event('input'));
    });
    return [input, problemPlace(this.state, `files.${at}.mediaType`, input), ...(guessedType ? [offer] : [])];
  }
}
