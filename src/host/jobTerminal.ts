import * as vscode from 'vscode';
import { messageOf } from '../oci/errors';
import { oneLine } from './plainText';
import { signalOf } from './progress';

/** What a job in a terminal is given. */
export interface TerminalJob {
  readonly signal: AbortSignal;
  /** Prints one line; what would steer the terminal is taken out of it. */
  readonly print: (line: string) => void;
}

const CTRL_C = '\x03';

/** The terminal of a task that runs a job of ours. Ctrl+C and the end of the task abort the signal. */
export class JobTerminal implements vscode.Pseudoterminal {
  private readonly writing = new vscode.EventEmitter<string>();
  private readonly closing = new vscode.EventEmitter<number>();
  private readonly cancel = new vscode.CancellationTokenSource();
  readonly onDidWrite = this.writing.event;
  readonly onDidClose = this.closing.event;

  /** `run` resolves with the exit code. */
  constructor(private readonly run: (job: TerminalJob) => Promise<number>) {}

  open(): void {
    void this.work();
  }

  close(): void {
    this.cancel.cancel();
  }

  handleInput(typed: string): void {
    if (typed.includes(CTRL_C)) this.cancel.cancel();
  }

  private async work(): Promise<void> {
    const { signal, dispose } = signalOf(this.cancel.token);
    const print = (line: string) => this.writing.fire(`${oneLine(line)}\r\n`);
    try {
      this.closing.fire(await this.run({ signal, print }));
    } catch (error) {
      print(`error: ${messageOf(error)}`);
      this.closing.fire(1);
    } finally {
      dispose();
      this.cancel.dispose();
    }
  }
}
