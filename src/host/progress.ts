import prettyBytes from 'pretty-bytes';
import * as vscode from 'vscode';
import type { Progress } from '../oci/progress';
import { plainText } from './plainText';

/** What a cancellable job is given. */
export interface Job {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
}

/** What a cancellable job without bytes is given. */
export interface PlainJob {
  readonly signal: AbortSignal;
  readonly report: (message: string) => void;
}

const REPORT_EVERY_MS = 250;

/** Runs a job behind a notification with bytes and a Cancel button. A cancel aborts the signal; the job rejects. */
export async function withByteProgress<T>(title: string, run: (job: Job) => Promise<T>): Promise<T> {
  return behindNotification(title, (signal, progress) => run({ signal, onProgress: byteReporter(progress) }));
}

/** Runs a job behind a notification with a Cancel button. A cancel aborts the signal; the job rejects. */
export async function withProgress<T>(title: string, run: (job: PlainJob) => Promise<T>): Promise<T> {
  return behindNotification(title, (signal, progress) =>
    run({ signal, report: (message) => progress.report({ message: plainText(message) }) }),
  );
}

async function behindNotification<T>(
  title: string,
  run: (signal: AbortSignal, progress: Reporter) => Promise<T>,
): Promise<T> {
  const location = vscode.ProgressLocation.Notification;
  const options = { location, title: plainText(title), cancellable: true };
  return vscode.window.withProgress(options, async (progress, token) => {
    const { signal, dispose } = signalOf(token);
    try {
      return await run(signal, progress);
    } finally {
      dispose();
    }
  });
}

/** The one place where a cancellation token becomes an AbortSignal. Call `dispose` when the job is through. */
export function signalOf(token: vscode.CancellationToken): { signal: AbortSignal; dispose: () => void } {
  const controller = new AbortController();
  if (token.isCancellationRequested) controller.abort();
  const subscription = token.onCancellationRequested(() => controller.abort());
  return { signal: controller.signal, dispose: () => void subscription.dispose() };
}

/** `12.3 MB` */
export function formatBytes(sizeBytes: number): string {
  return prettyBytes(sizeBytes);
}

type Reporter = vscode.Progress<{ message?: string; increment?: number }>;

function byteReporter(progress: Reporter): (now: Progress) => void {
  let shownPercent = 0;
  let shownAtMs = 0;
  return (now) => {
    const done = now.totalBytes > 0 && now.doneBytes >= now.totalBytes;
    if (!done && Date.now() - shownAtMs < REPORT_EVERY_MS) return;
    shownAtMs = Date.now();
    const percent = now.totalBytes > 0 ? Math.min(100, (100 * now.doneBytes) / now.totalBytes) : 0;
    progress.report({
      message: plainText(describeProgress(now)),
      increment: Math.max(0, percent - shownPercent),
    });
    shownPercent = Math.max(shownPercent, percent);
  };
}

/** `1.2 MB of 3.4 MB – Sending a.bin`, or `Reading… 1.2 MB of 3.4 MB – a.bin` before anything is sent. */
export function describeProgress({ doneBytes, totalBytes, current, item, reading }: Progress): string {
  if (reading && doneBytes === 0) {
    const read = `Reading… ${formatBytes(reading.doneBytes)} of ${formatBytes(reading.totalBytes)}`;
    return item ? `${read} – ${item.name}` : read;
  }
  const amount = `${formatBytes(doneBytes)} of ${formatBytes(totalBytes)}`;
  return current ? `${amount} – ${current}` : amount;
}
