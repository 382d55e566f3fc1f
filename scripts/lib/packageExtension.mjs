// The extension as one VSIX file, as users install it.
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { build } from './build.mjs';
import { runNode } from './command.mjs';
import { at, root } from './places.mjs';

/** Where the VSIX goes. */
export const vsixFile = at('out/oci-artifacts.vsix');

const packagedReadme = 'dist/readme.md';

/** Builds for production and packages; resolves with the VSIX's `{ files, sizeBytes }`. */
export async function packageExtension() {
  mkdirSync(at('out'), { recursive: true });
  await build('--production');
  writeFileSync(at(packagedReadme), readmeWithoutLinks());
  const options = ['--no-dependencies', '--allow-missing-repository', '--readme-path', packagedReadme];
  try {
    await runNode([at('node_modules/@vscode/vsce/vsce'), 'package', ...options, '--out', vsixFile], {
      cwd: root,
    });
  } finally {
    rmSync(at(packagedReadme));
  }
  return { files: zipEntries(readFileSync(vsixFile)), sizeBytes: statSync(vsixFile).size };
}

/** VS Code follows https addresses alone, and the project has none yet: pictures go, links become their text. */
const readmeWithoutLinks = () =>
  readFileSync(at('README.md'), 'utf8')
    .replace(/^!\[[^\]]*\]\(media\/[^)]*\)\n\n?/gm, '')
    .replace(/\[([^\]]*)\]\((?!https:)[^)]*\)/g, '$1');

/** Name and unpacked size of each file, from a zip's central directory. Spec: PKWARE APPNOTE, sections 4.3.12 and 4.3.16. */
function zipEntries(zip) {
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  const count = zip.readUInt16LE(end + 10);
  const entries = [];
  for (let offset = zip.readUInt32LE(end + 16); entries.length < count;) {
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((field) =>
      zip.readUInt16LE(offset + field),
    );
    const name = zip.toString('utf8', offset + 46, offset + 46 + nameBytes);
    entries.push({ name, sizeBytes: zip.readUInt32LE(offset + 24) });
    offset += 46 + nameBytes + extraBytes + commentBytes;
  }
  return entries;
}
