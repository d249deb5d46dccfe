import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { addPrebuild, copyPackage, TARGET } from '../../support/package-copy';
import { outside, ROOT, sandboxed } from '../../support/cli';

/** What the package says that is in the directory, where it is used by a program: what a call resolves with or rejects with. */
const USE = `createNetns().then(async (netns) => (await exec(netns, 'echo', ['ran'])).stdout.trim())
  .catch((error) => error.message).then((line) => console.log(line));`;

const useIn = (directory: string) =>
  `const { createNetns, exec } = require(${JSON.stringify(directory)}); ${USE}`;

function node(...args: string[]) {
  // which names another directory to look in
  const { RTNETNS_BUILD: _, ...env } = outside();
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', env });
  return { status, stdout, stderr };
}

/** The arguments of a node that takes itself for another one. */
const pretending = (property: string, value: string): string[] => [
  '--import',
  `data:text/javascript,Object.defineProperty(process, '${property}', { value: '${value}' })`,
];

const HOW = "run 'npx rtnetns build' to build it, which needs a C++ compiler, make and python3";

const BUNDLED =
  "a bundler has taken the library out of its package, which has the addon: make 'rtnetns' external";

/** What has node ask for permissions: Node 20 and 22.12 have another name for it. */
const PERMISSION = process.allowedNodeEnvironmentFlags.has('--permission')
  ? ['--permission']
  : ['--experimental-permission', '--no-warnings'];

describe('native', () => {
  test('uses the addon that comes with the package, where none was built', () => {
    using copy = copyPackage();
    addPrebuild(copy.directory);
    expect(node('-e', useIn(copy.directory))).toEqual({ status: 0, stdout: 'ran\n', stderr: '' });
  });

  test.each([
    ['another architecture', TARGET, pretending('arch', 'riscv64')],
    [
      'another C library',
      TARGET.endsWith('glibc') ? TARGET.replace('glibc', 'musl') : TARGET.replace('musl', 'glibc'),
      [],
    ],
  ])('reports that an addon for %s is none for the machine', (_, present, flags) => {
    using copy = copyPackage();
    addPrebuild(copy.directory, present);
    const wanted = flags.length > 0 ? TARGET.replace(process.arch, 'riscv64') : TARGET;
    expect(node(...flags, '-e', useIn(copy.directory))).toEqual({
      status: 0,
      stdout: `rtnetns: there is no addon for ${wanted}: ${HOW}\n`,
      stderr: '',
    });
    expect(node(...flags, join(copy.directory, 'dist/cli/main.js'), 'ls')).toEqual({
      status: 2,
      stdout: '',
      stderr: `rtnetns: there is no addon for ${wanted}: ${HOW}\n`,
    });
  });

  test('reports an addon that does not load, with what the loader says', () => {
    using copy = copyPackage();
    addPrebuild(copy.directory);
    const file = join(copy.directory, 'prebuilds', TARGET, 'rtnetns.node');
    writeFileSync(file, 'no ELF file, but long enough to be one: '.repeat(10));
    const { stdout } = node('-e', useIn(copy.directory));
    expect(stdout).toBe(
      `rtnetns: the addon ${file} does not load on ${TARGET}: ${file}: invalid ELF header: ${HOW}\n`,
    );
  });

  test('reports that node may not load addons', () => {
    using copy = copyPackage();
    addPrebuild(copy.directory);
    const { stdout } = node(...PERMISSION, '--allow-fs-read=*', '-e', useIn(copy.directory));
    expect(stdout).toMatch(
      /^rtnetns: the addon .* does not load .*: node has to be started with --allow-addons\n$/,
    );
  });

  test('reports that no descriptor is left, and loads when there is one', () => {
    using copy = copyPackage();
    addPrebuild(copy.directory);
    const script = `const { closeSync, openSync } = require('node:fs');
      const { createNetns } = require(${JSON.stringify(copy.directory)});
      const taken = [];
      try { for (;;) taken.push(openSync('/dev/null')); } catch {}
      createNetns().catch(({ message }) => message).then(async (message) => {
        taken.forEach((fd) => closeSync(fd));
        await createNetns();
        console.log(message);
      });`;
    const { stdout, stderr } = sandboxed(
      'sh',
      '-c',
      'ulimit -n 64; exec "$@"',
      'sh',
      process.execPath,
      '-e',
      script,
    );
    expect({ stdout, stderr }).toEqual({
      stdout: expect.stringMatching(
        /^rtnetns: the addon .*: .*[Tt]oo many open files.*: the process has no descriptor left\n$/,
      ) as string,
      stderr: '',
    });
  });

  test('reports a program that is not beside the addon', () => {
    using copy = copyPackage();
    addPrebuild(copy.directory);
    rmSync(join(copy.directory, 'prebuilds', TARGET, 'rtnetns-exec'));
    const { stdout } = node('-e', useIn(copy.directory));
    expect(stdout).toBe(`rtnetns: there is no rtnetns-exec beside the addon: ${HOW}\n`);
  });

  test.each([
    ['esm', "import { createNetns } from 'IT'; createNetns();"],
    ['cjs', "import { createNetns } from 'IT'; createNetns();"],
    ['cjs', "import('IT')"],
  ])('reports that a bundler has taken its entry for import: to %s, %s', (format, program) => {
    using copy = copyPackage();
    const main = join(copy.directory, 'main.mjs');
    const bundled = join(copy.directory, 'app', 'main.js');
    writeFileSync(main, program.replace('IT', join(copy.directory, 'dist/index.mjs')));
    execFileSync(join(ROOT, 'node_modules/.bin/esbuild'), [
      '--log-level=silent',
      '--bundle',
      '--platform=node',
      `--format=${format}`,
      `--outfile=${bundled}`,
      main,
    ]);
    if (format === 'esm') writeFileSync(join(copy.directory, 'app', 'package.json'), '{ "type": "module" }');
    expect(node(bundled)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining(`Error: rtnetns: ${BUNDLED}`) as string,
    });
  });

  test.each([
    ['in a package', (app: string) => writeFileSync(join(app, 'package.json'), '{ "name": "app" }')],
    ['in a directory with its own node_modules', (app: string) => mkdirSync(join(app, 'node_modules'))],
  ])('reports that a bundler has dropped the addon: %s', (_, prepare) => {
    using copy = copyPackage();
    addPrebuild(copy.directory);
    const app = join(copy.directory, 'app');
    mkdirSync(app);
    prepare(app);
    writeFileSync(join(app, 'main.js'), useIn(copy.directory));
    const bundled = [
      '--bundle',
      '--platform=node',
      `--outfile=${join(app, 'dist/main.js')}`,
      join(app, 'main.js'),
    ];
    execFileSync(join(ROOT, 'node_modules/.bin/esbuild'), ['--log-level=error', ...bundled]);
    expect(node(join(app, 'dist/main.js'))).toEqual({
      status: 0,
      stdout: `rtnetns: ${BUNDLED}\n`,
      stderr: '',
    });
  });

  test('works in a node_modules that cannot be written, and reports that the addon cannot be built there', () => {
    using copy = copyPackage('native');
    addPrebuild(copy.directory);
    const mounted = `mount --bind "$0" "$0"; mount -o remount,bind,ro "$0"; exec "$@"`;
    const readOnly = (...args: string[]) =>
      sandboxed('sh', '-euc', mounted, copy.directory, process.execPath, ...args);
    expect(readOnly('-e', useIn(copy.directory))).toMatchObject({ status: 0, stdout: 'ran\n', stderr: '' });
    expect(readOnly(join(copy.directory, 'dist/cli/main.js'), 'build')).toMatchObject({
      status: 1,
      stdout: '',
      stderr: `rtnetns: EROFS: build the addon: ${copy.directory}, where it is to be, cannot be written\n`,
    });
  });

  test.each(['darwin', 'win32'])('is imported on %s, where every call rejects', (platform) => {
    using copy = copyPackage();
    const main = join(copy.directory, 'dist/index.mjs');
    const program = `import { createNetns, exec } from ${JSON.stringify(main)}; ${USE}`;
    const reason = `rtnetns works on Linux only: ${platform} has no network namespaces`;
    expect(node(...pretending('platform', platform), '--input-type=module', '-e', program)).toEqual({
      status: 0,
      stdout: `${reason}\n`,
      stderr: '',
    });
  });

  test('is for Linux by package.json and by docs/install.md', () => {
    const { os, cpu } = JSON.parse(readFileSync('package.json', 'utf8')) as Record<string, unknown>;
    // others than those of prebuilds/ can build it
    expect({ os, cpu }).toEqual({ os: ['linux'], cpu: undefined });
    expect(readFileSync('docs/install.md', 'utf8')).toContain('npm installs rtnetns on Linux only');
  });
});
