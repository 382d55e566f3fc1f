import path from 'node:path';
import * as vscode from 'vscode';
import { adviceFor } from '../../host/advice';
import { ARTIFACTS_FILE, type DefinitionAction } from '../../host/artifactsFile/artifactsFile';
import { countOf } from '../../host/countOf';
import type { TerminalJob } from '../../host/jobTerminal';
import { logError } from '../../host/log';
import { describeProgress, formatBytes } from '../../host/progress';
import { progressLines } from '../../host/progressLines';
import type { NewTransfer } from '../../host/transferRecord';
import { DefinitionError, isAbort, SignInRequiredError } from '../../oci/errors';
import type { MemberPath } from '../../oci/memberChecks';
import type { PullPlan } from '../../operations/planPull';
import { runDefinedPull } from '../definedPull';
import { runDefinedPush } from '../definedPush';
import type { Services } from '../services';
import { pathsOfPull, pathsOfPush, type NamedPath } from './definitionPaths';
import { failedMember } from './failedMember';
import { definitionsIn, requireTrust } from './findDefinitions';
import { readPull, readPush } from './readDefinition';
import { ofEntry, ofTask, withMembers, type WrittenDefinition } from './writtenDefinition';

/** What a task asks for: a definition of a folder's file by its name, members of its own, or both. */
export interface DefinitionRequest {
  readonly action: DefinitionAction;
  /** Absolute. */
  readonly folder: string;
  readonly artifact?: string;
  readonly members: Readonly<Record<string, unknown>>;
}

const NAMES_SHOWN = 20;

/** Runs a definition and prints what it does; resolves with the exit code: 0, or 1 behind a line that says why. */
export async function runDefinition(
  services: Services,
  request: DefinitionRequest,
  job: TerminalJob,
): Promise<number> {
  try {
    requireTrust();
    const written = await findWritten(services, request);
    const run = request.action === 'push' ? runPush : runPull;
    await run(services, { request, written }, job);
    return 0;
  } catch (error) {
    if (isAbort(error) || job.signal.aborted) job.print('Cancelled.');
    else explain(services, error, job);
    return 1;
  }
}

async function findWritten(services: Services, request: DefinitionRequest): Promise<WrittenDefinition> {
  const { action, folder, artifact, members } = request;
  if (artifact === undefined) return withMembers(ofTask(action, folder), members);
  const entries = await definitionsIn(services, vscode.Uri.file(folder));
  const entry = entries.find((each) => each.action === action && each.name === artifact);
  if (entry) return withMembers(ofEntry(entry, folder), members);
  const place = { file: path.join(folder, ARTIFACTS_FILE), line: 1, column: 1 };
  throw new DefinitionError(place, `There is no ${action} definition "${artifact}" in it`);
}

interface FoundRequest {
  readonly request: DefinitionRequest;
  readonly written: WrittenDefinition;
}

async function runPush(
  services: Services,
  { request, written }: FoundRequest,
  { print, signal }: TerminalJob,
): Promise<void> {
  const defined = await readPush(services, written);
  const { to, files } = defined.definition;
  print(`Pushing ${countOf(files.length, 'file')} to ${to}`);
  for (const { path } of files.slice(0, NAMES_SHOWN)) print(`  ${path}`);
  const onProgress = progressLines(print, describeProgress);
  const transfer = taskTransfer(request, `Push ${to}`, `By a task, from ${request.folder}`);
  const pushed = await services.transfers
    .run(transfer, { signal, onProgress }, (way) =>
      runDefinedPush(services, defined, { ...way, unattended: true }),
    )
    .catch(placed(written, ['to'], pathsOfPush(defined.definition)));
  const { pushedBytes, skippedBytes, descriptor } = pushed;
  print(`Pushed ${to} (${formatBytes(pushedBytes)} sent, ${formatBytes(skippedBytes)} already there)`);
  print(`Digest: ${descriptor.digest}`);
}

async function runPull(
  services: Services,
  { request, written }: FoundRequest,
  job: TerminalJob,
): Promise<void> {
  const defined = await readPull(services, written);
  const { from, into, keepExisting } = defined.definition;
  job.print(`Pulling ${from} into ${into}`);
  const onProgress = progressLines(job.print, describeProgress);
  const onPlan = ({ leftOut = [] }: PullPlan, existing: readonly string[]) => {
    for (const { title } of leftOut.slice(0, NAMES_SHOWN))
      job.print(`  ${title} is left out: the registry does not have it`);
    for (const title of existing.slice(0, NAMES_SHOWN))
      job.print(`  ${keepExisting ? 'keeps' : 'replaces'} ${title}`);
    if (existing.length > NAMES_SHOWN) job.print(`  … and ${existing.length - NAMES_SHOWN} more`);
  };
  const { signal } = job;
  const transfer = taskTransfer(request, `Pull ${from}`, `By a task, into ${defined.into}`);
  const pulled = await services.transfers
    .run(transfer, { signal, onProgress }, (way) => runDefinedPull(services, defined, { ...way, onPlan }))
    .catch(placed(written, ['from'], pathsOfPull(defined.definition)));
  job.print(`Pulled ${countOf(pulled.written.length, 'file')} into ${into}`);
  job.print(`Digest: ${pulled.root.digest}`);
}

/** Continued by running the task again, which takes up what is kept under the same request. */
function taskTransfer(request: DefinitionRequest, title: string, detail: string): NewTransfer {
  return { kind: request.action === 'push' ? 'pushTask' : 'pullTask', title, detail, job: request };
}

/** A failure at the member that it is about, else at the one that says where to or from. */
function placed(
  { folder, placeOf, what }: WrittenDefinition,
  otherwise: MemberPath,
  paths: readonly NamedPath[],
): (error: unknown) => never {
  return (error) => {
    const place = isAbort(error) ? undefined : placeOf(failedMember(error, paths, folder) ?? otherwise);
    if (!place) throw error;
    const reason = adviceFor(error).detail.replace(/\.$/, '');
    throw new DefinitionError(place, `${what} failed: ${reason}`, { cause: error });
  };
}

/** One line that VS Code finds, and what to do where that is known. */
function explain(services: Services, error: unknown, { print }: TerminalJob): void {
  logError(services.log, 'A task failed', error);
  print(errorLine(error));
  const cause = error instanceof DefinitionError ? error.cause : error;
  if (cause instanceof SignInRequiredError)
    print(`Run "OCI Artifacts: Sign in (login)…" for ${cause.host}, and then the task again.`);
}

/** As the problem matcher `$oci` reads it: `file:line:column: error: message`. */
export function errorLine(error: unknown): string {
  if (!(error instanceof DefinitionError)) return `error: ${adviceFor(error).detail}`;
  const { place, reason } = error;
  return `${place.file}:${place.line}:${place.column}: error: ${reason}.`;
}
