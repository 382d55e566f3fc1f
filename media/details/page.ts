import '@vscode-elements/elements/dist/vscode-button/index.js';
import '@vscode-elements/elements/dist/vscode-badge/index.js';
import '@vscode-elements/elements/dist/vscode-progress-ring/index.js';
import '@vscode-elements/elements/dist/vscode-table/index.js';
import '@vscode-elements/elements/dist/vscode-table-body/index.js';
import '@vscode-elements/elements/dist/vscode-table-cell/index.js';
import '@vscode-elements/elements/dist/vscode-table-header/index.js';
import '@vscode-elements/elements/dist/vscode-table-header-cell/index.js';
import '@vscode-elements/elements/dist/vscode-table-row/index.js';
import { element } from '../common/element';
import type { DetailsContent, FromPage, LayerRow, ManifestRow, Property, ToPage } from './messages';

declare function acquireVsCodeApi(): { postMessage(message: FromPage): void };

const host = acquireVsCodeApi();
const root = document.getElementById('root') ?? document.body;
const referrers = element('section', { className: 'referrers' });

window.addEventListener('message', ({ data }: MessageEvent<ToPage>) => show(data));
host.postMessage({ type: 'ready' });

function show(message: ToPage): void {
  switch (message.type) {
    case 'content':
      root.replaceChildren(...page(message.content));
      break;
    case 'failed':
      root.replaceChildren(failure('These details cannot be shown', message.message));
      break;
    case 'referrers':
      referrers.replaceChildren(...referrersSection(message.rows, message.more));
      break;
    case 'referrersFailed':
      referrers.replaceChildren(...referrersSoFar(message.rows, message.message));
  }
}

function page(content: DetailsContent): Node[] {
  referrers.replaceChildren(heading('Referrers'), element('vscode-progress-ring', {}));
  const { platforms, layers, annotations } = content;
  return [
    header(content),
    properties('', content.properties),
    ...(platforms.length > 0 ? [section('Platforms', manifestTable(platforms))] : []),
    ...(layers.length > 0 ? [section('Layers', layerTable(layers))] : []),
    ...(annotations.length > 0 ? [properties('Annotations', annotations)] : []),
    referrers,
  ];
}

function header({ reference, kindName }: DetailsContent): HTMLElement {
  const title = element('h1', {}, reference);
  const badge = kindName ? [element('vscode-badge', {}, kindName)] : [];
  const actions = element('div', { className: 'actions' });
  actions.append(
    button('Pull…', 'cloud-download', { type: 'pull' }),
    button('Open manifest', 'json', { type: 'openManifest' }, true),
    button('Copy digest reference', 'copy', { type: 'copyDigestReference' }, true),
  );
  const line = element('div', { className: 'title' });
  line.append(title, ...badge);
  const top = element('header', {});
  top.append(line, actions);
  return top;
}

function properties(title: string, entries: readonly Property[]): HTMLElement {
  const list = element('dl', {});
  for (const { name, value } of entries) list.append(element('dt', {}, name), element('dd', {}, value));
  return title ? section(title, list) : list;
}

function layerTable(rows: readonly LayerRow[]): HTMLElement {
  const cells = rows.map(({ title, mediaType, size, digest }) => [
    element('span', { className: title ? '' : 'muted' }, title || 'no title'),
    element('span', {}, mediaType),
    element('span', {}, size),
    digestText(digest),
  ]);
  return table(['Title', 'Media type', 'Size', 'Digest'], cells);
}

function manifestTable(rows: readonly ManifestRow[]): HTMLElement {
  const cells = rows.map(({ name, type, size, digest }) => [
    link(name, { type: 'openDigest', digest }),
    element('span', {}, type),
    element('span', {}, size),
    digestText(digest),
  ]);
  return table(['Name', 'Type', 'Size', 'Digest'], cells);
}

function referrersSoFar(rows: readonly ManifestRow[], reason: string): Node[] {
  if (rows.length === 0) return [heading('Referrers'), failure('They cannot be listed', reason)];
  return [heading('Referrers'), manifestTable(rows), failure('The rest cannot be listed', reason)];
}

function referrersSection(rows: readonly ManifestRow[], more: boolean): Node[] {
  if (rows.length === 0)
    return [heading('Referrers'), element('p', { className: 'muted' }, 'Nothing refers to this artifact.')];
  const note = more
    ? [element('p', { className: 'muted' }, `The first ${rows.length} are shown; the sidebar lists all.`)]
    : [];
  return [heading('Referrers'), manifestTable(rows), ...note];
}

function table(columns: readonly string[], rows: readonly (readonly HTMLElement[])[]): HTMLElement {
  const head = element('vscode-table-header', { slot: 'header' });
  head.append(...columns.map((name) => element('vscode-table-header-cell', {}, name)));
  const body = element('vscode-table-body', { slot: 'body' });
  for (const cells of rows) {
    const line = element('vscode-table-row', {});
    for (const content of cells) {
      const cell = element('vscode-table-cell', {});
      cell.append(content);
      line.append(cell);
    }
    body.append(line);
  }
  const whole = element('vscode-table', { className: 'rows' });
  whole.setAttribute('bordered-rows', '');
  whole.setAttribute('columns', '["28%", "38%", "12%", "22%"]');
  whole.append(head, body);
  return whole;
}

function digestText(digest: string): HTMLElement {
  const text = element('code', {}, digest);
  text.title = digest;
  return text;
}

function failure(title: string, message: string): HTMLElement {
  const box = element('div', { className: 'failure' });
  box.append(
    element('h2', {}, title),
    element('p', {}, message),
    button('Try again', 'refresh', { type: 'retry' }),
  );
  return box;
}

function button(label: string, icon: string, message: FromPage, secondary = false): HTMLElement {
  const made = element('vscode-button', {}, label);
  made.setAttribute('icon', icon);
  if (secondary) made.setAttribute('secondary', '');
  made.addEventListener('click', () => host.postMessage(message));
  return made;
}

function link(label: string, message: FromPage): HTMLElement {
  const made = element('a', { href: '#' }, label);
  made.addEventListener('click', (event) => {
    event.preventDefault();
    host.postMessage(message);
  });
  return made;
}

function section(title: string, content: HTMLElement): HTMLElement {
  const made = element('section', {});
  made.append(heading(title), content);
  return made;
}

function heading(text: string): HTMLElement {
  return element('h2', {}, text);
}
