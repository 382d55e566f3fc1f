import '@vscode-elements/elements/dist/vscode-progress-ring/index.js';
import { element } from '../common/element';
import { iconButton } from './fields';
import { host } from './host';
import type { ShownPreview } from './messages';

/** The manifest that a push would write now, or why there is none. */
export class PreviewPane {
  private readonly status = element('p', { className: 'status muted' });
  private readonly content = element('div', { className: 'content' });
  readonly node = element(
    'section',
    { className: 'preview' },
    element('h2', {}, 'Preview'),
    this.status,
    this.content,
  );

  /** Something changed, or is being read: what stands there is of before. */
  wait(message: string): void {
    this.content.classList.add('stale');
    this.status.replaceChildren(element('vscode-progress-ring'), message);
    this.status.hidden = false;
  }

  /** Nothing can be shown until the form is right. */
  stop(message: string): void {
    this.status.replaceChildren(message);
    this.status.hidden = false;
    this.content.classList.add('stale');
  }

  fail(message: string): void {
    this.status.hidden = true;
    this.content.classList.remove('stale');
    this.content.replaceChildren(element('p', { className: 'failure' }, message));
  }

  show(preview: ShownPreview): void {
    this.status.hidden = true;
    this.content.classList.remove('stale');
    const { digest, manifestSize, contentSize, manifest, command, beyond } = preview;
    this.content.replaceChildren(
      element(
        'dl',
        {},
        element('dt', {}, 'Digest'),
        element('dd', { className: 'digest' }, element('code', {}, digest), copyIcon('Copy digest', digest)),
        element('dt', {}, 'Size'),
        element('dd', {}, `${manifestSize} manifest, ${contentSize} content`),
      ),
      block('Manifest', 'Copy manifest', element('pre', { tabIndex: 0 }, manifest)),
      ...(command
        ? [
            block(
              'Command line of oras',
              'Copy command line',
              element('pre', { className: 'wrapped', tabIndex: 0 }, command),
            ),
          ]
        : []),
      ...(command && beyond ? [element('p', { className: 'muted' }, beyond)] : []),
    );
  }
}

function block(title: string, copyLabel: string, content: HTMLElement): HTMLElement {
  const copy = copyIcon(copyLabel, content.textContent ?? '');
  const heading = element('div', { className: 'blockTitle' }, element('h3', {}, title), copy);
  return element('div', { className: 'block' }, heading, content);
}

function copyIcon(label: string, text: string): HTMLElement {
  return iconButton('copy', label, () => host.postMessage({ type: 'copy', text }));
}
