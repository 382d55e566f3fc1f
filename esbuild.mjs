// Bundles the extension, the webview pages and the test suites. `node esbuild.mjs [--production] [--programs] [--tests] [--watch]`
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';

const root = path.dirname(fileURLToPath(import.meta.url));
const at = (...parts) => path.join(root, ...parts);

/**
 * node-fetch takes the settings of a connection by an Agent only, and VS Code replaces agents in the extension host. This
 * seam gives node-fetch our `request` in place of Node's; src/transport/requestSeam.ts lifts the settings onto the request.
 * It also sends each answer through a stream more, which src/transport/bodySeam.ts spares.
 */
const fetchSeams = {
  name: 'fetch-seams',
  setup(build) {
    const give = (filter, file) =>
      build.onResolve({ filter }, ({ importer }) => {
        const isFetch = /[\\/]node_modules[\\/]node-fetch[\\/]src[\\/]index\.js$/.test(importer);
        return isFetch ? { path: at('src/transport', file) } : undefined;
      });
    give(/^node:https?$/, 'requestSeam.ts');
    give(/^node:stream$/, 'bodySeam.ts');
  },
};

/** Node's own in place of what node-fetch brings along for older ones. Nobody here sends forms, or files by their paths. */
const nodesOwn = {
  'fetch-blob': 'export default Blob',
  'fetch-blob/file.js': 'export default File',
  'fetch-blob/from.js': `const own = { Blob, File };
    export const { Blob: OwnBlob, File: OwnFile, fileFrom, fileFromSync, blobFrom, blobFromSync } = own;
    export { OwnBlob as Blob, OwnFile as File };`,
  // Node's FormData would load Node's whole fetch with it.
  'formdata-polyfill/esm.min.js': 'export class FormData {}; export const formDataToBlob = undefined',
};

/** What node-fetch brings along and nobody runs: streams, which Node has itself, and a reader of forms. */
const withoutUnused = {
  name: 'without-unused',
  setup(build) {
    const filter = /^web-streams-polyfill|^\.\/utils\/multipart-parser\.js$/;
    build.onResolve({ filter }, ({ path }) => ({ path, namespace: 'empty' }));
    build.onLoad({ filter: /.*/, namespace: 'empty' }, () => ({ contents: '' }));
    const replaced = /^(fetch-blob|formdata-polyfill)(\/|$)/;
    build.onResolve({ filter: replaced }, ({ path }) => ({ path, namespace: 'nodes-own' }));
    build.onLoad({ filter: /.*/, namespace: 'nodes-own' }, ({ path }) => ({ contents: nodesOwn[path] }));
  },
};

/** Packages, and rarely used code of ours, in files of their own beside the extension's. */
const lazyEntries = { yaml: 'yaml', unusedContent: at('src/localRegistry/unusedContent.ts') };

/** Files beside the one that is loaded at the start, by what names them in an `import()`, whose first call reads them. */
const lateFiles = {
  yaml: './yaml.js',
  '../localRegistry/unusedContent': './unusedContent.js',
  './wiring/main': './main.js',
};

const lazily = {
  name: 'lazily',
  setup(build) {
    build.onResolve({ filter: /.*/ }, ({ path, kind }) =>
      kind === 'dynamic-import' && Object.hasOwn(lateFiles, path)
        ? { path: lateFiles[path], external: true }
        : undefined,
    );
  },
};

/**
 * What is imported whole of VS Code and Node would be copied, member by member, for each file that does so: a third of the
 * time that loading took. The same line as a `require` takes it as it is.
 */
const hostAsItIs = {
  name: 'host-as-it-is',
  setup(build) {
    const wholeImport = /^import (?:\* as )?(\w+) from '(vscode|node:[\w/]+)';$/gm;
    build.onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      return { contents: text.replace(wholeImport, "import $1 = require('$2');"), loader: 'ts' };
    });
  },
};

const common = {
  bundle: true,
  charset: 'utf8',
  logLevel: 'warning',
  sourcemap: true,
  absWorkingDir: root,
};

/** Node code: one CommonJS file, `vscode` given by the host. */
export const nodeOptions = (options) => ({
  ...common,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  mainFields: ['module', 'main'], // jsonc-parser's main is UMD, whose requires no bundler can follow
  external: ['vscode'],
  plugins: [fetchSeams, withoutUnused],
  ...options,
});

function extensionOptions(production) {
  return nodeOptions({
    entryPoints: {
      extension: at('src/extension.ts'),
      main: at('src/wiring/main.ts'),
      localRegistry: at('src/localRegistry/main.ts'),
    },
    outdir: at('dist'),
    plugins: [fetchSeams, withoutUnused, lazily, hostAsItIs],
    supported: { 'dynamic-import': false }, // require: it finds what a file exports also where that is made at run time
    minify: production,
    sourcemap: production ? false : 'linked',
  });
}

function lazyOptions(production) {
  return nodeOptions({ entryPoints: lazyEntries, outdir: at('dist'), minify: production, sourcemap: false });
}

/**
 * The AWS SDK in a file of its own, loaded when an ECR host needs it. Its `import()`s become `require`s: only what is
 * loaded so is patched by VS Code's extension host, for proxies and certificates.
 */
function awsOptions(production) {
  return {
    ...extensionOptions(production),
    entryPoints: { aws: at('src/clouds/amazon/awsSdk.ts') },
    supported: { 'dynamic-import': false },
  };
}

/** Each folder of media/ with a page.ts becomes dist/media/<folder>.js and .css, for the browser side of a webview. */
function pageOptions(production) {
  const pages = readdirSync(at('media'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(at('media', entry.name, 'page.ts')))
    .flatMap((entry) =>
      ['page.ts', 'page.css'].map((file) => ({ in: at('media', entry.name, file), out: entry.name })),
    );
  return {
    ...common,
    entryPoints: pages,
    outdir: at('dist/media'),
    platform: 'browser',
    target: 'es2022',
    format: 'iife',
    minify: production,
    sourcemap: production ? false : 'linked',
  };
}

/** Looks at an extension that nothing has asked for yet, so it comes before all else. */
const firstSuite = 'activation.test.ts';

/** One bundle a suite: every *.test.ts below test/<suite>, so that mocha loads a single file. */
function suiteOptions(suite, external = []) {
  const folder = suite === 'bench' ? at('bench/host') : at('test', suite);
  const files = readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith('.test.ts'))
    .sort()
    .sort((one, other) => (other === firstSuite) - (one === firstSuite));
  return nodeOptions({
    stdin: {
      contents: files.map((name) => `import './${name.split(path.sep).join('/')}';`).join('\n'),
      resolveDir: folder,
      sourcefile: `${suite}.ts`,
      loader: 'ts',
    },
    external: ['vscode', ...external],
    outfile: at('out/test', `${suite}.js`),
  });
}

/** Programs that the scripts start: each src-side or test-side entry as out/bin/<name>.js. */
function programOptions() {
  const folder = at('scripts/programs');
  const entryPoints = existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith('.ts'))
        .map((name) => path.join(folder, name))
    : [];
  return nodeOptions({ entryPoints, outdir: at('out/bin') });
}

function copyAssets() {
  const codicons = at('node_modules/@vscode/codicons/dist');
  mkdirSync(at('dist/media'), { recursive: true });
  for (const name of ['codicon.css', 'codicon.ttf'])
    cpSync(path.join(codicons, name), at('dist/media', name));
}

async function main(flags) {
  const production = flags.has('--production');
  rmSync(at('dist'), { recursive: true, force: true });
  copyAssets();
  const builds = [
    extensionOptions(production),
    lazyOptions(production),
    awsOptions(production),
    pageOptions(production),
  ];
  if (flags.has('--programs') || flags.has('--tests')) builds.push(programOptions());
  if (flags.has('--tests')) {
    builds.push(
      ...['unit', 'registry', 'faults', 'fuzz', 'host', 'network', 'bench'].map((suite) =>
        suiteOptions(suite, ['mocha', 'typescript', 'eslint']),
      ),
    );
  }
  if (flags.has('--watch')) {
    for (const options of builds) await (await esbuild.context(options)).watch();
    return;
  }
  const built = await Promise.allSettled(builds.map((options) => esbuild.build(options)));
  if (built.some(({ status }) => status === 'rejected')) process.exitCode = 1; // esbuild has said why
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(new Set(process.argv.slice(2)));
