import { showWarning } from '../../host/messages';
import { recent, remember } from '../../host/recent';
import { parseDestination } from '../../oci/destination';
import { isLayoutHost } from '../../oci/layoutPlace';
import type { Services } from '../services';

const CONFIRMED = 'definitionHost';

/**
 * A file that came with a workspace may name any registry: the first push to one that is neither in the sidebar nor was
 * pushed to before is asked about. False when it is not to be.
 */
export async function confirmHost(services: Services, what: string, to: string): Promise<boolean> {
  const { registry } = parseDestination(to);
  if (isKnown(services, registry)) return true;
  const push = 'Push';
  const detail = `${what} sends files of this workspace to ${to}. That registry is not in the sidebar, and nothing was pushed to it before.`;
  const chosen = await showWarning(`Push to ${registry}?`, { modal: true, detail }, push);
  if (chosen !== push) return false;
  await remember(services.state, CONFIRMED, registry);
  return true;
}

function isKnown({ settings, localRegistry, state }: Services, host: string): boolean {
  if (isLayoutHost(host) || localRegistry.host === host) return true;
  if (settings.registries.some((entry) => entry.host === host)) return true;
  const used = recent(state, 'reference').some((reference) => reference.startsWith(`${host}/`));
  return used || recent(state, CONFIRMED).includes(host);
}
