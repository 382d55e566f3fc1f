import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { digestOf } from '../../../src/oci/digest';
import { chart, repositoryOf, type Place } from './place';
import { samples } from './samples';
import type { Findings, Tool } from './tool';
import type { Workbench } from './workbench';

const NO_FILES = 'helm knows charts only';

/** `helm`: what it reads it renders too. */
export function helmTool(workbench: Workbench): Tool<'helm'> {
  const helm = (...args: string[]) => workbench.run('helm', args);
  const chartAt = (place: Place) => [
    `oci://${repositoryOf(place)}`,
    '--version',
    chart.version,
    '--plain-http',
  ];

  const pull = async (place: Place): Promise<Findings> => {
    const folder = await workbench.scratch();
    await helm('pull', ...chartAt(place), '--destination', folder);
    const shown = (await helm('show', 'chart', ...chartAt(place))).toString();
    const [, name] = /^name: (.*)$/m.exec(shown) ?? [];
    const [, version] = /^version: (.*)$/m.exec(shown) ?? [];
    const rendered = (await helm('template', 'here', ...chartAt(place))).toString();
    assert.match(rendered, /^kind: Service$/m);
    return { [`${name} ${version}`]: digestOf(await readFile(path.join(folder, samples.chart))) };
  };

  const push = async (place: Place) => {
    const parent = path.posix.dirname(repositoryOf(place));
    await helm('push', samples.chart, `oci://${parent}`, '--plain-http');
  };

  const none = {
    file: NO_FILES,
    files: NO_FILES,
    folder: NO_FILES,
    index: NO_FILES,
    sif: NO_FILES,
    attached: NO_FILES,
    copy: 'helm copies nothing',
    layout: 'helm has no OCI layouts',
  };
  return { name: 'helm', writes: { ...none, chart: push }, reads: { ...none, chart: pull } };
}
