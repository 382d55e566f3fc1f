import path from 'node:path';
import { orasFiles, type PushedKind } from './oras';
import { samples } from './samples';
import type { Workbench } from './workbench';

export type Architecture = (typeof samples.architectures)[number];

/** What can be had as a layout: a kind, or one platform of the index. */
export type SourceKind = PushedKind | 'index' | Architecture;

/** The tag in each layout. */
export const sourceTag = 'v1';

/** OCI layouts by `oras`, for the tools that copy and make no artifacts: one a kind, written when it is first wanted. */
export class Sources {
  private readonly layouts = new Map<SourceKind, Promise<string>>();

  constructor(private readonly workbench: Workbench) {}

  /** The layout's folder. */
  of(kind: SourceKind): Promise<string> {
    const known = this.layouts.get(kind) ?? this.write(kind);
    this.layouts.set(kind, known);
    return known;
  }

  private async write(kind: SourceKind): Promise<string> {
    const folder = path.join(await this.workbench.scratch(), kind);
    if (kind === 'index') await this.writeIndex(folder);
    else if (isArchitecture(kind)) await this.writePlatform(folder, kind, sourceTag);
    else
      await this.workbench.run('oras', [
        'push',
        '--oci-layout',
        `${folder}:${sourceTag}`,
        ...orasFiles[kind],
      ]);
    return folder;
  }

  private async writeIndex(folder: string): Promise<void> {
    for (const name of samples.architectures) await this.writePlatform(folder, name, name);
    const layout = ['--oci-layout', `${folder}:${sourceTag}`];
    await this.workbench.run('oras', ['manifest', 'index', 'create', ...layout, ...samples.architectures]);
  }

  private async writePlatform(folder: string, architecture: Architecture, tag: string): Promise<void> {
    const args = ['--oci-layout', `${folder}:${tag}`, '--artifact-platform', `linux/${architecture}`];
    const from = path.join(this.workbench.samples, architecture);
    await this.workbench.run('oras', ['push', ...args, samples.program], from);
  }
}

function isArchitecture(kind: SourceKind): kind is Architecture {
  return samples.architectures.some((name) => name === kind);
}
