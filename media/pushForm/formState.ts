import { host } from './host';
import type { PushForm } from './messages';

/** Names of members whose values are of a type. */
type Named<T> = { [K in keyof PushForm]: PushForm[K] extends T ? K : never }[keyof PushForm];
export type TextName = Named<string>;
export type FlagName = Named<boolean>;
export type ListName = 'files' | 'annotations' | 'configAnnotations';

/** What the form holds; each change is told to the panel and to whoever listens. */
export class FormState {
  private readonly problemListeners = new Map<string, (problem: string) => void>();

  constructor(
    private held: PushForm,
    /** Counts the changes: an answer to an earlier one is out of date. */
    public revision: number,
    private readonly onChange: () => void,
  ) {}

  get form(): PushForm {
    return this.held;
  }

  update(change: Partial<PushForm>): void {
    this.held = { ...this.held, ...change };
    this.tell();
  }

  /** Changes one entry of a list. */
  updateEntry<Name extends ListName>(name: Name, at: number, change: Partial<PushForm[Name][number]>): void {
    const entries = this.held[name].map((entry, index) => (index === at ? { ...entry, ...change } : entry));
    this.update({ [name]: entries });
  }

  removeEntry(name: ListName, at: number): void {
    const entries = this.held[name].filter((_, index) => index !== at);
    this.update({ [name]: entries });
  }

  /** Asks for an answer to the form as it stands. */
  tell(): void {
    this.revision++;
    this.onChange();
    host.postMessage({ type: 'changed', revision: this.revision, form: this.held });
  }

  /** `listener` gets the problem of a field, empty for none; one listener a field. */
  onProblem(field: string, listener: (problem: string) => void): void {
    this.problemListeners.set(field, listener);
  }

  showProblems(problems: Readonly<Record<string, string>>): void {
    for (const [field, listener] of this.problemListeners) listener(problems[field] ?? '');
  }
}
