import '@vscode-elements/elements/dist/vscode-button/index.js';
import '@vscode-elements/elements/dist/vscode-checkbox/index.js';
import '@vscode-elements/elements/dist/vscode-form-group/index.js';
import '@vscode-elements/elements/dist/vscode-form-helper/index.js';
import '@vscode-elements/elements/dist/vscode-icon/index.js';
import '@vscode-elements/elements/dist/vscode-label/index.js';
import '@vscode-elements/elements/dist/vscode-option/index.js';
import '@vscode-elements/elements/dist/vscode-single-select/index.js';
import '@vscode-elements/elements/dist/vscode-textfield/index.js';
import type { VscodeTextfield } from '@vscode-elements/elements/dist/vscode-textfield/index.js';
import { element } from '../common/element';
import type { FlagName, FormState, TextName } from './formState';
import { host } from './host';
import type { ChosenField } from './messages';

/** How a field looks. */
export interface FieldLook {
  readonly label: string;
  readonly placeholder?: string;
  readonly help?: string;
  /** The text of the button that fills it in. */
  readonly choose?: string;
}

/** A text field of the form, by the name of what it edits, with its label, its help and its problem. */
export function textField(state: FormState, name: TextName, look: FieldLook): HTMLElement {
  const { label, help = '', choose } = look;
  const input = textInput({
    label,
    value: state.form[name],
    placeholder: look.placeholder ?? '',
    onInput: (value) => state.update({ [name]: value }),
  });
  input.id = name;
  const line = element('div', { className: 'line' }, input);
  if (choose)
    line.append(button(choose, () => host.postMessage({ type: 'choose', field: name as ChosenField })));
  const problem = problemPlace(state, name, input);
  return group(label, name, line, problem, ...(help ? [helper(help)] : []));
}

/** Puts a value into a text field that is on the page, as if it was typed. */
export function fillField(name: TextName, value: string): void {
  const input = document.getElementById(name) as VscodeTextfield | null;
  if (!input) return;
  input.value = value;
  input.dispatchEvent(new Event('input'));
}

/** A bare text field. */
export interface TextInput {
  /** For who cannot see where it stands. */
  readonly label: string;
  readonly value: string;
  readonly placeholder?: string;
  readonly onInput: (value: string) => void;
}

export function textInput({ label, value, placeholder = '', onInput }: TextInput): VscodeTextfield {
  const input = element('vscode-textfield', { label, value, placeholder }) as VscodeTextfield;
  input.addEventListener('input', () => onInput(input.value));
  return input;
}

/** Where the problem of a field is shown. One that is empty, or begun with a registry, is not painted red: it waits. */
export function problemPlace(state: FormState, field: string, input: VscodeTextfield): HTMLElement {
  const place = element('p', { className: 'problem', hidden: true });
  state.onProblem(field, (problem) => {
    const isBegun = /^(\s*|[^/]+\/)$/.test(input.value) && !field.includes('.');
    const shown = isBegun ? '' : problem;
    input.invalid = shown !== '';
    place.hidden = shown === '';
    place.textContent = shown;
  });
  return place;
}

export function checkbox(state: FormState, name: FlagName, label: string, help: string): HTMLElement {
  const box = element('vscode-checkbox', { id: name, label, checked: state.form[name] });
  box.addEventListener('change', () =>
    state.update({ [name]: (box as HTMLElement & { checked: boolean }).checked }),
  );
  return element('div', { className: 'field check' }, box, helper(help));
}

/** A choice among few values, each with its words. */
export function choice(
  state: FormState,
  name: TextName,
  { label, help = '' }: FieldLook,
  options: readonly (readonly [value: string, words: string])[],
): HTMLElement {
  const select = element('vscode-single-select', { id: name, label });
  for (const [value, words] of options)
    select.append(element('vscode-option', { value, selected: state.form[name] === value }, words));
  select.addEventListener('change', () =>
    state.update({ [name]: (select as HTMLElement & { value: string }).value }),
  );
  return group(label, name, select, helper(help));
}

export function button(label: string, act: () => void, members: Readonly<Record<string, unknown>> = {}) {
  const made = element('vscode-button', { secondary: true, ...members }, label);
  made.addEventListener('click', act);
  return made;
}

export function iconButton(icon: string, label: string, act: () => void): HTMLElement {
  const made = element('vscode-icon', { name: icon, label, title: label, actionIcon: true });
  made.addEventListener('click', act);
  return made;
}

export function helper(text: string): HTMLElement {
  return element('vscode-form-helper', {}, element('p', {}, text));
}

/** A field under its label. */
export function group(label: string, id: string, ...content: readonly HTMLElement[]): HTMLElement {
  const title = element('vscode-label', { htmlFor: id }, label);
  return element('vscode-form-group', { variant: 'vertical', className: 'field' }, title, ...content);
}
