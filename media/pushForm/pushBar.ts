import '@vscode-elements/elements/dist/vscode-button/index.js';
import { element } from '../common/element';
import { button } from './fields';
import { host } from './host';

/** The head of the page: what can be done with the form, why not yet, and what came of it. */
export class PushBar {
  private readonly reason = element('span', { className: 'reason muted' });
  private readonly result = element('div', { className: 'result', hidden: true });
  private readonly pushButton = button('Push', () => host.postMessage({ type: 'push' }), {
    id: 'push',
    icon: 'cloud-upload',
    secondary: false,
    disabled: true,
  }) as HTMLElement & { disabled: boolean };
  private readonly saveButton = button('Save as push definition', () => host.postMessage({ type: 'save' }), {
    icon: 'save',
    hidden: true,
  });
  private problems: readonly string[] = [];
  private isReadable: boolean | undefined;
  private isPushing = false;

  readonly node = element(
    'header',
    {},
    element(
      'div',
      { className: 'bar' },
      element('h1', {}, 'Push as OCI artifact'),
      element('div', { className: 'actions' }, this.reason, this.saveButton, this.pushButton),
    ),
    this.result,
  );

  /** Sentences about fields that cannot be used. */
  showProblems(problems: readonly string[]): void {
    this.problems = problems;
    this.refresh();
  }

  /** Whether the files can be read, and what is said of them goes together. */
  showReadable(isReadable: boolean): void {
    this.isReadable = isReadable;
    this.refresh();
  }

  showPushing(to: string): void {
    this.isPushing = true;
    this.showResult('muted', `Pushing ${to}…`);
  }

  showPushed(message: string, reference: string): void {
    this.isPushing = false;
    const copy = button('Copy reference', () => host.postMessage({ type: 'copy', text: reference }), {
      icon: 'copy',
    });
    const digest = reference.slice(reference.indexOf('@') + 1);
    this.showResult('done', message, element('code', {}, digest), copy);
  }

  showFailure(message: string): void {
    this.isPushing = false;
    this.showResult('failure', `Not pushed: ${message}`);
  }

  offerSaving(canSave: boolean): void {
    this.saveButton.hidden = !canSave;
  }

  private showResult(className: string, message: string, ...more: readonly HTMLElement[]): void {
    this.result.className = `result ${className}`;
    this.result.replaceChildren(element('span', {}, message), ...more);
    this.result.hidden = false;
    this.refresh();
  }

  private refresh(): void {
    const [problem] = this.problems;
    this.pushButton.disabled = this.isPushing || !this.isReadable || problem !== undefined;
    const unreadable = this.isReadable === false ? 'The preview says what is wrong.' : '';
    this.reason.textContent = this.isPushing ? '' : (problem ?? unreadable);
  }
}
