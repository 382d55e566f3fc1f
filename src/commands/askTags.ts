import * as vscode from 'vscode';
import { countOf } from '../host/countOf';
import { pick, pickSeveral } from '../host/pick';
import { withByteProgress } from '../host/progress';
import { tagProblem } from '../oci/reference';
import type { TagLister } from '../oci/target';

/** The answer: the chosen tags, or all of them. */
export interface TagsAnswer {
  readonly tags?: readonly string[];
}

const MAX_OFFERED = 1_000;

/**
 * Asks for all tags of a repository or some of them; `job` begins the titles. Undefined when dismissed. Errors: those
 * of the lister.
 */
export async function askTags(job: string, source: TagLister): Promise<TagsAnswer | undefined> {
  const all = { label: 'All tags', iconPath: new vscode.ThemeIcon('tag') };
  const some = { label: 'Choose tags…', iconPath: new vscode.ThemeIcon('checklist') };
  const title = `${job}: all tags or some`;
  const chosen = await pick([all, some], { title, ignoreFocusOut: true });
  if (chosen !== some) return chosen && {};
  const { tags, more } = await firstTags(source);
  const placeHolder = more ? `The first ${countOf(MAX_OFFERED, 'tag')}` : countOf(tags.length, 'tag');
  const items = tags.map((tag) => ({ label: tag, tag }));
  const options = { title: `${job}: which ones`, placeHolder, ignoreFocusOut: true };
  const picked = await pickSeveral(items, options);
  return picked && picked.length > 0 ? { tags: picked.map(({ tag }) => tag) } : undefined;
}

function firstTags(source: TagLister): Promise<{ tags: readonly string[]; more: boolean }> {
  return withByteProgress('Reading the list of tags', async ({ signal }) => {
    const tags: string[] = [];
    for await (const tag of source.tags({ signal })) {
      if (tagProblem(tag) !== undefined) continue;
      if (tags.length === MAX_OFFERED) return { tags, more: true };
      tags.push(tag);
    }
    return { tags, more: false };
  });
}
