// npm run pictures: renews the pictures of the README from a run of `npm start -- --check`.
import { cpSync, mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { runNode } from './lib/command.mjs';
import { at, root } from './lib/places.mjs';
import { runProgram } from './lib/program.mjs';

/** The README's name of a picture → the step of the check that shows it. */
const pictures = {
  'details-dark.png': 'details-in-a-dark-theme',
  'details-light.png': 'details-in-a-light-theme',
  'push.png': 'open-the-menu-of-a-file',
  'push-form.png': 'fill-in-the-push-form',
};

await runProgram(async () => {
  await runNode([at('scripts/start.mjs'), '--check'], { cwd: root, show: true });
  const taken = readdirSync(at('out/check'));
  mkdirSync(at('media/pictures'), { recursive: true });
  for (const [name, step] of Object.entries(pictures)) {
    const picture = taken.find((file) => file.includes(step));
    if (!picture) throw new Error(`The check took no picture of "${step}"`);
    cpSync(path.join(at('out/check'), picture), at('media/pictures', name));
  }
});
