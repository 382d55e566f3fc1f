// npm run package: out/oci-artifacts.vsix, with its file list and size; fails when something is in it that should not be.
import path from 'node:path';
import { packageExtension, vsixFile } from './lib/packageExtension.mjs';
import { root } from './lib/places.mjs';
import { runProgram } from './lib/program.mjs';
import { done, failed } from './lib/say.mjs';
import { setupDependencies } from './lib/setupDependencies.mjs';

const maximumBytes = 2 * 1024 * 1024;
/** What is read when the extension starts, and the rest, which is read right behind. */
const maximumBytesOf = { 'extension/dist/extension.js': 20_000, 'extension/dist/main.js': 700_000 };

const expected = [
  /^extension\.vsixmanifest$/,
  /^\[Content_Types\]\.xml$/,
  /^extension\/(package|package\.nls(\.[\w-]+)?)\.json$/,
  /^extension\/(readme|changelog|support)\.md$/i,
  /^extension\/license(\.txt)?$/i,
  /^extension\/dist\/[\w-]+\.js$/,
  /^extension\/dist\/media\/[\w.-]+\.(js|css|ttf)$/,
  /^extension\/schemas\/[\w-]+\.schema\.json$/,
  /^extension\/media\/[\w-]+\.(svg|png)$/,
  /^extension\/media\/walkthrough\/[\w-]+\.(svg|png|md)$/,
];

const required = [
  'extension/package.json',
  ...Object.keys(maximumBytesOf),
  'extension/dist/aws.js',
  'extension/dist/yaml.js',
  'extension/dist/unusedContent.js',
  'extension/schemas/artifacts.schema.json',
  'extension/dist/media/codicon.css',
  'extension/media/tab-dark.svg',
  'extension/media/tab-light.svg',
];

const kilobytes = (bytes) => `${(bytes / 1024).toFixed(1)} kB`;

function problems({ files, sizeBytes }) {
  const names = files.map(({ name }) => name);
  const unexpected = names.filter((name) => !expected.some((pattern) => pattern.test(name)));
  const missing = required.filter((name) => !names.includes(name));
  return [
    ...unexpected.map((name) => `unexpected file: ${name}`),
    ...missing.map((name) => `missing file: ${name}`),
    ...files
      .filter(({ name, sizeBytes: bytes }) => bytes > maximumBytesOf[name])
      .map(({ name }) => `${name} is larger than ${kilobytes(maximumBytesOf[name])}`),
    ...(sizeBytes > maximumBytes ? [`larger than ${kilobytes(maximumBytes)}`] : []),
  ];
}

await runProgram(async () => {
  await setupDependencies();
  const packed = await packageExtension();
  for (const { name, sizeBytes } of packed.files)
    console.log(`  ${kilobytes(sizeBytes).padStart(10)}  ${name}`);
  const found = problems(packed);
  const summary = `${path.relative(root, vsixFile)}, ${packed.files.length} files, ${kilobytes(packed.sizeBytes)}`;
  if (found.length === 0) done('Package', summary);
  else failed('Package', `${summary}\n${found.join('\n')}`);
  process.exitCode = found.length === 0 ? 0 : 1;
});
