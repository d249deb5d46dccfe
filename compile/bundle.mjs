// Bundles the compiled modules into the few files of dist/. A process evaluates a module of them when something of the module
// is first used.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { build } from 'esbuild';
import { rollup } from 'rollup';
import { dts } from 'rollup-plugin-dts';
import { minify } from 'terser';
import { bundleRooms } from './rooms.mjs';

/** What a process may load besides the library, and the module that it begins with. */
const BUNDLES = {
  'dist/worker-preload.js': 'process/worker-preload.js',
  'dist/cli/main.js': 'cli/main.js',
  'dist/test.js': 'testing/index.js',
};

/** What programs import besides the library: `rtnetns/test`. */
const SUBPATHS = { test: 'testing/index' };

/** Has the command line, and the fixtures, load the bundle of the library, as other programs do. */
const library = (index, outfile) => ({
  name: 'library',
  setup({ onResolve }) {
    const path = relative(dirname(outfile), 'dist/index.js').replace(/^(?!\.)/, './');
    onResolve({ filter: /^\.\.$/ }, ({ path: asked, resolveDir }) =>
      resolve(resolveDir, asked, 'index.js') === index ? { path, external: true } : undefined,
    );
  },
});

const OPTIONS = {
  bundle: true,
  platform: 'node',
  target: 'node20.17',
  format: 'cjs',
  logLevel: 'warning',
};

/** All names but those that the compiler and the bundler have made: `require_routes`, `routes_1`, `__commonJS`. */
const WRITTEN = /^(?!(?:require_\w+|\w+_\d+_?|__\w+)$)/;

/**
 * Makes the names of variables short, which nobody reads, because the time to load a file is nearly all for reading through it.
 * Functions and classes keep their names (private methods do not), and statements their lines, for the stacks of errors.
 */
async function shorten(file) {
  const text = await readFile(file, 'utf8');
  // as the bundler has written classes, their names are those of variables
  const classes = [...text.matchAll(/\bvar (\w+) = class\b/g)].map(([, name]) => name);
  const mangle = { keep_fnames: WRITTEN, keep_classnames: true, reserved: classes };
  const format = { ascii_only: true, beautify: true, indent_level: 0 };
  const { code } = await minify(text, { toplevel: true, compress: false, mangle, format });
  await writeFile(file, code);
}

/** The packages of which bundles have a part, each with its licence, which asks for that. */
async function licences(inputs) {
  const packages = new Set(inputs.flatMap((path) => /^node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path) ?? []));
  const texts = [...packages].sort().map(async (directory) => {
    const name = (await readdir(directory)).find((file) => /^licen[cs]e/i.test(file));
    if (name === undefined) throw new Error(`${directory}: no file with a licence`);
    return `${directory.replace('node_modules/', '')}\n\n${(await readFile(join(directory, name), 'utf8')).trim()}\n`;
  });
  return (await Promise.all(texts)).join('\n\n');
}

/** Whether a value is a function that `import` can call for its caller. */
const isCalled = (value) => typeof value === 'function' && !/^class\b/.test(String(value));

/** The modules that are evaluated where a program imports the library: those of classes, constants and namespaces. */
function evaluatedByImport(index) {
  const load = createRequire(index);
  const values = Object.entries(load(index)).filter(([, value]) => !isCalled(value));
  for (const path of Object.keys(load.cache)) delete load.cache[path];
  const library = load(index);
  for (const [name] of values) void library[name];
  return Object.keys(load.cache).map((path) => relative('.', path));
}

/**
 * The library for `import`. Node's own import of a CommonJS module looks through its text for the names of exports, and reads
 * each of them, which would take longer than all else, and evaluate nearly all modules. So a function here asks for the
 * library's own when it is called; all else is the library's own.
 */
function* importable(library, bundled, file = './index.js') {
  yield "import { createRequire } from 'node:module';";
  yield 'let library;';
  yield `try { library = createRequire(import.meta.url)('${file}'); }`;
  // in a bundle, this file has no such file beside it, or no address
  yield 'catch (cause) { if (!/^(MODULE_NOT_FOUND|ERR_INVALID_ARG_VALUE)$/.test(cause.code)) throw cause;';
  yield `  throw new Error(${JSON.stringify(`rtnetns: ${bundled}`)}, { cause }); }`;
  yield 'export default library;';
  for (const name of Object.keys(library)) {
    yield isCalled(library[name])
      ? `export function ${name}(...args) { return library.${name}(...args); }`
      : `export const ${name} = library.${name};`;
  }
}

/** What older compilers take as well: without esModuleInterop, and TypeScript before 5.7. */
const withoutNews = {
  renderChunk: (text) =>
    text
      .replace(/^import (\w+) from ('node:.+');$/gm, 'import * as $1 from $2;')
      .replace(/^import (\w+), (\{.+\}) from ('node:.+');$/gm, 'import * as $1 from $3;\nimport $2 from $3;')
      .replaceAll('Uint8Array<ArrayBufferLike>', 'Uint8Array'),
};

/** The declarations of what the library exports, without the types of the packages that it is built with. */
async function bundleTypes(declarations) {
  const types = await rollup({ input: declarations, plugins: [dts()], external: /^node:/ });
  await types.write({ file: 'dist/index.d.ts', plugins: [withoutNews] });
  await writeFile('dist/index.d.mts', "export * from './index.js';\nexport { default } from './index.js';\n");
}

/** The same of what stands beside the library, whose own types it imports. */
async function bundleSubpathTypes(name, declarations, index) {
  const external = {
    name: 'library',
    resolveId: (source, importer) =>
      importer !== undefined && resolve(dirname(importer), source, 'index.d.ts') === index
        ? { id: './index.js', external: true }
        : undefined,
  };
  const types = await rollup({ input: declarations, plugins: [external, dts()], external: /^node:/ });
  await types.write({ file: `dist/${name}.d.ts`, plugins: [withoutNews] });
  await writeFile(
    `dist/${name}.d.mts`,
    `export * from './${name}.js';\nexport { default } from './${name}.js';\n`,
  );
}

export async function bundle(directory) {
  const index = resolve(directory, 'index.js');
  const inputs = await bundleRooms(relative('.', directory), evaluatedByImport(index), OPTIONS, shorten);
  for (const [outfile, entry] of Object.entries(BUNDLES)) {
    const entryPoints = [join(directory, entry)];
    const { metafile } = await build({
      ...OPTIONS,
      entryPoints,
      outfile,
      plugins: [library(index, outfile)],
      metafile: true,
    });
    inputs.push(...Object.keys(metafile.inputs));
    await shorten(outfile);
  }
  await writeFile('dist/LICENSES.txt', await licences(inputs));
  const load = createRequire(index);
  const { BUNDLED } = load('./addon/load.js');
  await writeFile('dist/index.mjs', [...importable(load(index), BUNDLED), ''].join('\n'));
  const types = resolve(directory, 'index.d.ts');
  await bundleTypes(types);
  for (const [name, module] of Object.entries(SUBPATHS)) {
    const lines = importable(load(`./${module}.js`), BUNDLED, `./${name}.js`);
    await writeFile(`dist/${name}.mjs`, [...lines, ''].join('\n'));
    await bundleSubpathTypes(name, resolve(directory, `${module}.d.ts`), types);
  }
}
