import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { peer, peerOrSkip } from '../support/peers';
import { projectRoot } from '../support/projectRoot';

const COMMAND = /^ {2}([a-z][a-z-]*) {2,}/gm;
const FLAG = /^ +(?:-\w, )?--([a-z][a-z-]*)/gm;

/** A command of `oras` without commands below it, and its flags. */
interface OrasCommand {
  readonly name: string;
  readonly flags: readonly string[];
}

function commandsBelow(words: readonly string[]): OrasCommand[] {
  const help = execFileSync(peer('oras'), [...words, '--help'], { encoding: 'utf8' });
  const [, listed = ''] = /\nAvailable Commands:\n([\s\S]*?)\n\n/.exec(help) ?? [];
  const children = [...listed.matchAll(COMMAND)].flatMap(([, child = '']) =>
    child === 'help' ? [] : [child],
  );
  if (children.length > 0 && words[0] !== 'completion') {
    return children.flatMap((child) => commandsBelow([...words, child]));
  }
  return [
    { name: ['oras', ...words].join(' '), flags: [...help.matchAll(FLAG)].map(([, flag = '']) => flag) },
  ];
}

function sourceTexts(): string[] {
  const folder = path.join(projectRoot(), 'src');
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return names
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(path.join(folder, name), 'utf8'));
}

describe('the page from oras to the editor', () => {
  const text = readFileSync(path.join(projectRoot(), 'docs/from-oras.md'), 'utf8');
  const rows = text.split('\n').filter((line) => line.startsWith('|'));
  const everywhere = text.slice(0, text.indexOf('## Commands'));

  it('names only what the editor says', () => {
    const said = [readFileSync(path.join(projectRoot(), 'package.json'), 'utf8'), ...sourceTexts()].join(
      '\n',
    );
    const named = [...text.matchAll(/\*\*([^*]+)\*\*/g)].map(([, words = '']) => words);
    assert.ok(named.length > 40, `found only ${named.length} names`);
    assert.deepEqual(
      named.filter((words) => !said.includes(words)),
      [],
    );
  });

  it('names every command and flag of oras', function () {
    peerOrSkip(this, 'oras');
    const commands = commandsBelow([]);
    assert.ok(commands.length > 20, `found only ${commands.length} commands`);
    const missing = commands.flatMap(({ name, flags }) => {
      const own = rows.filter((row) => row.includes(`\`${name}\``)).join('\n');
      if (own === '') return [name];
      if (name === 'oras completion') return [];
      const isNamed = (flag: string) => `${everywhere}${own}`.includes(`\`--${flag}\``);
      return flags.filter((flag) => !isNamed(flag)).map((flag) => `${name} --${flag}`);
    });
    assert.deepEqual(missing, []);
  });
});
