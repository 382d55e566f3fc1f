// The way of a new user through the extension. Each step is `{ name, act(workbench, facts) }`; its name is also the name
// of its picture, for which the mouse is taken away unless `keepsMouse`. Facts: registry (host:port), workspace, pulled (an empty folder), sample (a file of the workspace).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';

const view = 'OCI Artifacts';
const group = 'demo';
const repository = 'from-check';
const pushItem = 'Push as OCI artifact…';
const formItem = 'Push with options…';
const tag = 'pushed-by-check'; // no sample artifact has it, so its row is the one that was pushed

const referenceOf = ({ registry }) => `${registry}/${group}/${repository}:${tag}`;

/** The steps in their order. `seeded` names rows that the sample artifacts make. */
export const stepsFor = (seeded) => [...lookAround(seeded), ...pushAndPull];

const lookAround = (seeded) => [
  {
    name: 'open the view',
    act: (workbench, { registry }) =>
      workbench.openView(view).then(() => workbench.treeRow(registry).waitFor()),
  },
  {
    name: 'expand registry, repository and tag',
    async act(workbench, { registry }) {
      for (const label of [registry, group, seeded.repository, seeded.tag]) await workbench.expand(label);
    },
  },
  {
    name: 'open the details',
    async act(workbench) {
      await workbench.contextMenu(seeded.tag, 'Open details');
      const details = await workbench.webview('h1');
      await details.getByText('sha256:').first().waitFor();
    },
  },
  ...['dark', 'light'].map((kind) => ({
    name: `details in a ${kind} theme`,
    async act(workbench) {
      await workbench.theme(kind);
      await workbench.webview(`body.vscode-${kind} h1`);
    },
  })),
];

const pushAndPull = [
  {
    name: 'open the menu of a file in the Explorer',
    keepsMouse: true,
    async act(workbench, { sample }) {
      await workbench.openView('Explorer');
      await workbench.openMenu(sample, pushItem);
    },
  },
  {
    name: 'push it',
    async act(workbench, facts) {
      await workbench.chooseFromMenu(pushItem);
      await workbench.quickInput('where to', referenceOf(facts));
      await workbench.quickInput('artifact type', 'application/vnd.example.check.v1');
      await workbench.notification(`Pushed ${referenceOf(facts)}`);
      await workbench.notificationGone('Pushing');
    },
  },
  {
    name: 'see the new tag in the sidebar',
    async act(workbench) {
      await workbench.openView(view);
      for (const label of [group, repository]) await workbench.expand(label);
      await workbench.treeRow(tag).waitFor();
      await workbench.clearNotifications();
    },
  },
  {
    name: 'pull it into a new folder',
    async act(workbench, { pulled }) {
      await workbench.contextMenu(tag, 'Pull…');
      await workbench.folderDialog(pulled, 'Pull here');
      await workbench.notification('Pulled 1 file');
      await workbench.notificationGone('Pulling');
    },
  },
  {
    name: 'compare the bytes',
    async act(_workbench, { workspace, pulled, sample }) {
      const [sent, received] = [workspace, pulled].map((folder) => readFileSync(path.join(folder, sample)));
      assert.ok(sent.equals(received), `${sample} differs after push and pull`);
    },
  },
  {
    name: 'fill in the push form',
    async act(workbench, { registry, sample }) {
      await workbench.clearNotifications();
      await workbench.openView('Explorer');
      await workbench.contextMenu(sample, formItem);
      const form = await workbench.webview('#repository input');
      await form.locator('#repository input').fill(`${registry}/${group}/from-form`);
      await form.locator('#tags input').fill('v1, latest');
      await form.locator('#artifactType input').fill('application/vnd.example.check.v1');
      await form.locator('.preview .block', { hasText: 'Command line of oras' }).waitFor();
      await form.locator('.preview .content:not(.stale)').waitFor();
    },
  },
];
