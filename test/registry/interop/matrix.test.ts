import assert from 'node:assert/strict';
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { peerOrSkip } from '../../support/peers';
import { serverKinds, useServer } from '../../support/serverKinds';
import { testTransport } from '../../support/testTransport';
import { craneTool } from './crane';
import { helmTool } from './helm';
import type { Kind } from './kinds';
import { orasTool } from './oras';
import { ours } from './ours';
import { pairsOf } from './pairs';
import { placeFor } from './place';
import { regctlTool } from './regctl';
import { Report } from './report';
import { expectedFindings, writeSamples } from './samples';
import { skopeoTool } from './skopeo';
import { Sources } from './sources';
import type { Findings } from './tool';
import { Workbench } from './workbench';

describe('The tools of others and this extension', function () {
  this.timeout(60_000);
  const workbench = new Workbench(path.join(tmpdir(), `oci-interop-${process.pid}`));
  const transport = testTransport();
  const tools = toolsAt(workbench);
  const pairs = pairsOf(ours(workbench, transport), tools);
  const report = new Report(serverKinds.map(({ name }) => name));
  let expected: Readonly<Record<Kind, Findings>>;

  before(async function () {
    for (const { name } of tools) peerOrSkip(this, name);
    peerOrSkip(this, 'siftool');
    await mkdir(workbench.samples, { recursive: true });
    await writeSamples(workbench);
    expected = await expectedFindings(workbench);
    for (const { name } of tools) report.addTool(name, await workbench.versionOf(name));
    for (const pair of pairs) if ('why' in pair) report.cannot(pair.cell, pair.why);
  });

  after(async () => {
    await report.write();
    await rm(workbench.root, { recursive: true, force: true });
  });

  for (const kind of serverKinds) {
    describe(`by way of ${kind.name}`, () => {
      const server = useServer(kind);
      const written = new Map<string, Promise<void>>();
      for (const pair of pairs) {
        if ('why' in pair) continue;
        const { cell, title, author, write, read } = pair;
        it(title, async () => {
          report.began(cell, kind.name);
          const place = placeFor(server.host(), { kind: cell.kind, author, scratch: workbench.root });
          // What we write is written once for all its readers.
          const writing = written.get(place.name) ?? write(place);
          written.set(place.name, writing);
          await writing;
          assert.deepEqual(await read(place), expected[cell.kind]);
          report.passed(cell, kind.name);
        });
      }
    });
  }
});

function toolsAt(workbench: Workbench) {
  const sources = new Sources(workbench);
  return [
    orasTool(workbench),
    helmTool(workbench),
    craneTool(workbench, sources),
    regctlTool(workbench),
    skopeoTool(workbench, sources),
  ];
}
