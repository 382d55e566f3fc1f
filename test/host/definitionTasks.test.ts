import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import * as vscode from 'vscode';
import { annotationKeys } from '../../src/oci/annotations';
import { pushArtifact, textBlob } from '../support/artifacts';
import { peerOrSkip } from '../support/peers';
import { answering } from './support/dialogs';
import { useEmbeddedRegistry } from './support/embedded';
import { workspaceFolder } from './support/flows';
import { useRegistries } from './support/registries';
import { problemIn, runTask, startTask, taskNamed, terminalText, WorkspaceFiles } from './support/tasks';

const FILE = '.oci/artifacts.json';
const CREATED = '2024-05-06T07:08:09Z';

describe('tasks of the type oci', () => {
  const registry = useEmbeddedRegistry();
  const files = new WorkspaceFiles();
  const inWorkspace = (name: string) => path.join(workspaceFolder().fsPath, name);
  const digestOfTag = async (repository: string, tag: string) =>
    (await registry.repository(repository).resolve(tag)).digest;

  afterEach(() => files.remove());

  it('push what a definition says, to the digest that oras gives the same files', async function () {
    const oras = peerOrSkip(this, 'oras');
    const type = 'application/vnd.example.policies.v1';
    await files.write({
      [FILE]: `// with a comment
      { "artifacts": { "policies": {
        "to": "${registry.host}/tasks/policies:v1,latest",
        "artifactType": "${type}",
        "files": ["policies/allow.rego", "config/app.yaml"],
        "created": "${CREATED}",
      } } }`,
    });
    const task = await taskNamed('push policies');
    assert.deepEqual({ ...task.definition }, { type: 'oci', action: 'push', artifact: 'policies' });
    assert.equal(await runTask(task), 0);
    const ours = await digestOfTag('tasks/policies', 'latest');
    const printed = await terminalText();
    assert.match(printed, /Pushing 2 files to .*\n +policies\/allow\.rego\n/);
    assert.match(printed, /\d+ B of \d+ B – /);
    assert.ok(printed.includes(`Digest: ${ours}`), printed);
    assert.equal(await digestOfTag('tasks/policies', 'v1'), ours);
    const reference = `${registry.host}/tasks/by-oras:v1`;
    const annotation = `${annotationKeys.created}=${CREATED}`;
    const named = ['policies/allow.rego', 'config/app.yaml'];
    await promisify(execFile)(
      oras,
      ['push', '--plain-http', '--artifact-type', type, '--annotation', annotation, reference, ...named],
      { cwd: workspaceFolder().fsPath },
    );
    assert.equal(ours, await digestOfTag('tasks/by-oras', 'v1'));
  });

  it('pull what a definition says, and replace what is there unless it says to keep it', async () => {
    const target = registry.repository('tasks/base');
    const blob = textBlob('theirs', 'text/plain');
    const descriptor = { ...blob.descriptor, annotations: { [annotationKeys.title]: 'deep/a.txt' } };
    await target.tag(await pushArtifact(target, [{ ...blob, descriptor }]), 'v1');
    const from = `${registry.host}/tasks/base:v1`;
    await files.write({
      [FILE]: {
        pulls: {
          base: { from, into: 'vendored/base' },
          kept: { from, into: 'vendored/base', keepExisting: true },
        },
      },
      'vendored/base/deep/a.txt': 'mine',
    });
    const read = () => readFile(inWorkspace('vendored/base/deep/a.txt'), 'utf8');
    assert.equal(await runTask(await taskNamed('pull kept')), 0);
    assert.equal(await read(), 'mine');
    assert.equal(await runTask(await taskNamed('pull base')), 0);
    assert.equal(await read(), 'theirs');
  });

  it('push to an OCI layout of the workspace, and pull from it', async () => {
    await files.write({
      [FILE]: {
        artifacts: { kept: { to: 'layout:out-task/layout:v1', files: ['README.md'] } },
        pulls: { back: { from: 'layout:out-task/layout:v1', into: 'out-task/back' } },
      },
    });
    assert.equal(await runTask(await taskNamed('push kept')), 0);
    assert.equal(await runTask(await taskNamed('pull back')), 0);
    assert.deepEqual(
      await readFile(inWorkspace('out-task/back/README.md')),
      await readFile(inWorkspace('README.md')),
    );
  });

  it('end with 1 and a problem at the entry of a file that is missing', async () => {
    const lines = [
      '{ "artifacts": { "broken": {',
      `  "to": "${registry.host}/tasks/broken:v1",`,
      '  "files": [',
      '    "README.md",',
      '    "gone.txt"',
      '  ]',
      '} } }',
    ];
    await files.write({ [FILE]: lines.join('\n') });
    assert.equal(await runTask(await taskNamed('push broken')), 1);
    const problem = await problemIn(FILE, /"broken" failed: .*gone\.txt.*does not exist/);
    const { line, character } = problem.range.start;
    assert.deepEqual([line, character, problem.severity], [4, 4, vscode.DiagnosticSeverity.Error]);
    await assert.rejects(digestOfTag('tasks/broken', 'v1'));
  });

  it('run before others in tasks.json, with the variables of VS Code and of the definition', async () => {
    await files.write({
      [FILE]: {
        artifacts: {
          app: { to: `${registry.host}/tasks/app:\${file:out-task/VERSION}`, files: ['README.md'] },
        },
      },
      'out-task/VERSION': '1.2.3\n',
      '.vscode/tasks.json': {
        version: '2.0.0',
        tasks: [
          { label: 'publish', type: 'oci', action: 'push', artifact: 'app' },
          {
            label: 'publish elsewhere',
            type: 'oci',
            action: 'push',
            artifact: 'app',
            to: `${registry.host}/tasks/elsewhere:\${workspaceFolderBasename}`,
          },
          {
            label: 'all in the task',
            type: 'oci',
            action: 'push',
            to: `${registry.host}/tasks/inline:v1`,
            files: [{ path: 'config/app.yaml', mediaType: 'application/yaml' }],
          },
          {
            label: 'release',
            type: 'shell',
            command: 'true',
            dependsOn: ['publish', 'all in the task'],
          },
        ],
      },
    });
    assert.equal(await runTask(await taskNamed('release', {})), 0);
    await digestOfTag('tasks/app', '1.2.3');
    const { bytes } = await registry.repository('tasks/inline').readManifest('v1');
    assert.match(Buffer.from(bytes).toString(), /"mediaType":"application\/yaml"/);
    assert.equal(await runTask(await taskNamed('publish elsewhere')), 0);
    await digestOfTag('tasks/elsewhere', path.basename(workspaceFolder().fsPath));
  });

  it('stop when they are ended, and leave no tag', async () => {
    const server = createServer();
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    await useRegistries({ host: registry.host, plainHttp: true }, { host, plainHttp: true });
    try {
      await files.write({
        [FILE]: { artifacts: { slow: { to: `${host}/tasks/slow:v1`, files: ['README.md'] } } },
      });
      const asked = once(server, 'request') as Promise<[IncomingMessage, ServerResponse]>;
      const { execution } = await startTask(await taskNamed('push slow'));
      const [, response] = await asked;
      const gone = once(response, 'close');
      execution.terminate();
      await gone;
    } finally {
      server.close();
      server.closeAllConnections();
      await useRegistries({ host: registry.host, plainHttp: true });
    }
  });

  it('end with 1 where a registry asks to sign in, and say so without a question', async () => {
    const server = createServer((_request, response) => {
      response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="x"' }).end();
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    await useRegistries({ host: registry.host, plainHttp: true }, { host, plainHttp: true });
    try {
      await files.write({
        [FILE]: { artifacts: { closed: { to: `${host}/tasks/closed:v1`, files: ['README.md'] } } },
      });
      const task = await taskNamed('push closed');
      let code: number | undefined;
      const shown = await answering({}, async () => (code = await runTask(task)));
      assert.deepEqual([code, shown.errors], [1, []]);
      const { message } = await problemIn(FILE, /"closed" failed: .*asks you to sign in/);
      assert.match(message, new RegExp(host));
      assert.match(await terminalText(), /Run "OCI Artifacts: Sign in \(login\)…" for 127\.0\.0\.1:\d+/);
    } finally {
      server.close();
      await useRegistries({ host: registry.host, plainHttp: true });
    }
  });

  it('do nothing in a workspace that is not trusted', async () => {
    await files.write({
      [FILE]: { artifacts: { app: { to: `${registry.host}/tasks/untrusted:v1`, files: ['README.md'] } } },
    });
    const task = await taskNamed('push app');
    const original = Object.getOwnPropertyDescriptor(vscode.workspace, 'isTrusted');
    Object.defineProperty(vscode.workspace, 'isTrusted', { configurable: true, get: () => false });
    try {
      assert.equal(await runTask(task), 1);
    } finally {
      Object.defineProperty(vscode.workspace, 'isTrusted', original ?? {});
    }
    await assert.rejects(digestOfTag('tasks/untrusted', 'v1'));
  });
});
