import * as vscode from 'vscode';
import { withByteProgress } from '../host/progress';
import { platformName, type Platform } from '../oci/descriptor';
import { parseManifest } from '../oci/manifest';
import type { Reader } from '../oci/target';

/** What to ask about: `reference` is a tag or digest, `text` its name for people. */
export interface PlatformQuestion {
  readonly title: string;
  readonly source: Reader;
  readonly reference: string;
  readonly text: string;
}

/** The answer: one platform, or all of them. */
export interface PlatformAnswer {
  readonly platform?: Platform;
}

/**
 * Asks which platform of an index is meant, and nothing for what is no index of platforms. Undefined when dismissed.
 * Errors: those of the source.
 */
export async function askPlatform(question: PlatformQuestion): Promise<PlatformAnswer | undefined> {
  const platforms = await platformsOf(question);
  if (platforms.length === 0) return {};
  const all = { label: 'All platforms', description: `${platforms.length}`, answer: {} };
  const items = platforms.map((platform) => ({
    label: platformName(platform),
    description: 'this one alone',
    answer: { platform },
  }));
  const options = { title: question.title, ignoreFocusOut: true };
  return (
    await vscode.window.showQuickPick<vscode.QuickPickItem & { answer: PlatformAnswer }>(
      [all, ...items],
      options,
    )
  )?.answer;
}

async function platformsOf({ source, reference, text }: PlatformQuestion): Promise<readonly Platform[]> {
  const { bytes, descriptor } = await withByteProgress(`Reading ${text}`, ({ signal }) =>
    source.readManifest(reference, { signal }),
  );
  const { manifests } = parseManifest(bytes, descriptor.mediaType);
  const known = manifests.flatMap(({ platform }) =>
    platform && platform.os !== 'unknown' ? [platform] : [],
  );
  return [...new Map(known.map((platform) => [platformName(platform), platform])).values()];
}
