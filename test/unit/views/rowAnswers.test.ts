import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import type { RegistryTarget } from '../../../src/oci/registryTarget';
import type { MessageNode, Node, RegistryNode } from '../../../src/views/nodes';
import { RowAnswers } from '../../../src/views/rowAnswers';

const PATIENCE_MS = 40;

function registry(host: string): RegistryNode {
  return { kind: 'registry', id: host, registry: {} as RegistryTarget, target: { host }, traits: [] };
}

function info(parent: Node, label: string): MessageNode {
  return { kind: 'info', id: `${parent.id}#${label}`, parent, label };
}

/** Answers whose reads end when the test says so. */
function slowAnswers() {
  const reads: { readonly node: Node; readonly signal: AbortSignal; end(...labels: string[]): void }[] = [];
  const drawn: Node[] = [];
  const answers = new RowAnswers({
    patienceMs: PATIENCE_MS,
    onChange: (node) => drawn.push(node),
    read: (node, signal) =>
      new Promise((resolve) => {
        const end = (...labels: string[]) => resolve(labels.map((label) => info(node, label)));
        reads.push({ node, signal, end });
      }),
  });
  const read = (at: number) => reads[at] ?? assert.fail(`there is no read ${at}`);
  return { answers, reads, read, drawn };
}

const kinds = (rows: readonly Node[]) => rows.map(({ kind }) => kind);
const ids = (rows: readonly Node[]) => rows.map(({ id }) => id);

describe('the answers of rows', () => {
  const node = registry('silent.example.com');

  it('are the rows themselves where they come in time', async () => {
    const { answers, read, drawn } = slowAnswers();
    const asked = answers.inTime(node);
    read(0).end('a');
    assert.deepEqual(ids(await asked), [`${node.id}#a`]);
    assert.deepEqual(drawn, []);
  });

  it('say after a while that they wait, and draw the node that was handed out when the rows come', async () => {
    const { answers, read, drawn } = slowAnswers();
    assert.deepEqual(kinds(await answers.inTime(node)), ['waiting']);
    read(0).end('late');
    await pause(1);
    assert.equal(drawn[0], node);
    assert.deepEqual(ids(await answers.inTime(node)), [`${node.id}#late`]);
  });

  it('keep the rows of before while a node is read again', async () => {
    const { answers, read } = slowAnswers();
    const first = answers.inTime(node);
    read(0).end('a');
    await first;
    answers.forget(node);
    assert.deepEqual(ids(await answers.inTime(node)).slice(0, 1), [`${node.id}#a`]);
    await pause(2 * PATIENCE_MS);
    assert.deepEqual(kinds(await answers.inTime(node)), ['info', 'waiting']);
  });

  it('cancel what is forgotten, and nothing of a node whose id begins alike', async () => {
    const { answers, read } = slowAnswers();
    const other = registry(`${node.id}:5000`);
    void answers.inTime(node);
    void answers.inTime(other);
    answers.forget(node);
    assert.equal(read(0).signal.aborted, true);
    assert.equal(read(1).signal.aborted, false);
  });

  it('stop waiting when told to, and say so', async () => {
    const { answers, read, drawn } = slowAnswers();
    await answers.inTime(node);
    answers.stop(node);
    assert.equal(read(0).signal.aborted, true);
    assert.equal(drawn.at(-1), node);
    const [row] = await answers.inTime(node);
    assert.deepEqual(row, { kind: 'waiting', id: `${node.id}#waiting`, parent: node, isStopped: true });
  });

  it('find the node of an id as it was handed out last', async () => {
    const { answers } = slowAnswers();
    const again = registry(node.id);
    answers.record([node]);
    answers.record([again]);
    assert.equal(answers.find(node.id), again);
    answers.drop(again);
    assert.equal(answers.find(node.id), undefined);
  });

  it('are those that are known without asking, while they are waited for', async () => {
    const answers = new RowAnswers({
      patienceMs: PATIENCE_MS,
      onChange: () => undefined,
      read: () => new Promise(() => undefined),
      known: (parent) => [info(parent, 'named')],
    });
    assert.deepEqual(ids(await answers.inTime(node)), [`${node.id}#named`, `${node.id}#waiting`]);
    answers.stop(node);
    assert.deepEqual(ids(await answers.inTime(node)), [`${node.id}#named`, `${node.id}#waiting`]);
    answers.forget();
  });
});
