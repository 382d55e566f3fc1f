import { logError } from '../host/log';
import { rememberPush } from '../host/pastPushes';
import { formatBytes, withByteProgress, type Job } from '../host/progress';
import type { NewTransfer } from '../host/transferRecord';
import { remember } from '../host/recent';
import type { Descriptor } from '../oci/descriptor';
import { parseDestination } from '../oci/destination';
import type { DefinedPush } from '../oci/pushDefinition';
import { NetworkError } from '../oci/errors';
import { formatReference, type Reference } from '../oci/reference';
import type { PushResult } from '../operations/push';
import { askReference } from './askReference';
import { announce } from './announce';
import { attempt } from './attempt';
import { runDefinedPush } from './definedPush';
import type { Services } from './services';
import { showInTree } from './showInTree';

/** Pushes what a definition says behind a notification, says what came of it and shows it in the sidebar. */
export async function pushDefined(services: Services, defined: DefinedPush): Promise<void> {
  const { to } = defined.definition;
  const insteadOf = (error: unknown) =>
    error instanceof NetworkError
      ? { label: 'Change destination…', run: () => pushElsewhere(services, defined) }
      : undefined;
  const failure = { what: `Push to ${to} failed`, host: parseDestination(to).registry };
  await attempt(services, { ...failure, insteadOf }, async () => {
    await rememberPush(services.workspaceState, defined);
    const run = (job: Job) => runDefinedPush(services, defined, job);
    const { descriptor } = await pushAndTell(services, defined, run);
    await showPushed(services, to, descriptor);
  });
}

/** A host that cannot be reached may be one that was not meant. */
async function pushElsewhere(services: Services, { definition, ...place }: DefinedPush): Promise<void> {
  const reference = await askReference(services, {
    title: 'Push as OCI artifact: where to',
    value: definition.to,
    needs: 'tag',
  });
  if (!reference) return;
  await pushDefined(services, { ...place, definition: { ...definition, to: formatReference(reference) } });
}

/** Runs a push behind a notification, so that it can be continued, and says what came of it. Errors: those of `run`. */
export async function pushAndTell(
  services: Services,
  defined: DefinedPush,
  run: (job: Job) => Promise<PushResult>,
): Promise<PushResult> {
  const { to, artifactType } = defined.definition;
  const reference = taggedReference(to);
  const result = await withByteProgress(`Pushing ${to}`, (job) =>
    services.transfers.run(pushTransfer(defined), job, run),
  );
  const { descriptor, pushedBytes, skippedBytes } = result;
  const sizes = `${formatBytes(pushedBytes)} sent, ${formatBytes(skippedBytes)} already there`;
  const message = `Pushed ${to} (${sizes}). Digest: ${descriptor.digest}`;
  void announce(services, message, { host: reference.registry, ...reference, descriptor });
  await remember(services.state, 'reference', formatReference(reference));
  if (artifactType) await remember(services.state, 'artifactType', artifactType);
  return result;
}

function taggedReference(to: string): Reference {
  const { registry, repository, tags } = parseDestination(to);
  return { registry, repository, ...(tags[0] && { tag: tags[0] }) };
}

/** Shows in the sidebar what was pushed. */
export async function showPushed(services: Services, to: string, { digest }: Descriptor): Promise<void> {
  const reference = taggedReference(to);
  await revealed(services, reference.tag ? reference : { ...reference, digest });
}

/** What was pushed is there, whether or not the sidebar finds it. */
async function revealed(services: Services, reference: Reference): Promise<void> {
  await showInTree(services, reference).catch((error: unknown) =>
    logError(services.log, 'Not shown in the sidebar', error),
  );
}

function pushTransfer({ definition, folder }: DefinedPush): NewTransfer {
  const words = { title: `Push ${definition.to}`, detail: `From ${folder}` };
  return { kind: 'push', identity: [folder, definition], ...words, job: { definition, folder } };
}
