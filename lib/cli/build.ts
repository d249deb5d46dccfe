import { spawnSync } from 'node:child_process';
import { accessSync, constants, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { packageRoot } from '../addon/load';
import { EXIT, exitAfter, exitCodes } from './exit';

/** Fixed, so that the build of a version of rtnetns does not change. */
const NODE_GYP = 'node-gyp@12.4.0';

const FILES = ['rtnetns.node', 'rtnetns-exec', 'rtnetns-sandbox'];

const EXIT_CODES = {
  [EXIT.OK]: 'the addon and its programs are built',
  [EXIT.FOUND]: 'they could not be built',
  [EXIT.COULD_NOT_LOOK]: 'the arguments are wrong',
};

/** Adds `rtnetns build` to the command line. */
export function addBuild(program: Command): void {
  program
    .command('build')
    .description('build the addon from source, for a machine that the package has none for')
    .addHelpText('after', '\nNeeds a C++17 compiler, make, python3, and npx, which brings node-gyp.')
    .addHelpText('after', exitCodes(EXIT_CODES))
    .action(async (_flags: unknown, command: Command) =>
      exitAfter(command, async () => Promise.resolve(build()), EXIT.FOUND),
    );
}

/** Builds into build/Release of the package, where the addon is looked for first. */
function build(): number {
  const root = packageRoot();
  const sources = join(root, 'native');
  checkWritable(root);
  const toolchain = run(process.execPath, [join(sources, 'toolchain.js')], root, 'pipe');
  if (toolchain.status !== 0) return EXIT.FOUND;
  const nodedir = toolchain.stdout.trim();
  const headers = nodedir === '' ? [] : ['--nodedir', nodedir];
  const built = run(
    'npx',
    ['--yes', NODE_GYP, 'rebuild', '--jobs', 'max', '-C', sources, ...headers],
    root,
    'inherit',
  );
  if (built.status !== 0) return EXIT.FOUND;
  const release = join(root, 'build', 'Release');
  mkdirSync(release, { recursive: true });
  for (const file of FILES) renameSync(join(sources, 'build', 'Release', file), join(release, file));
  rmSync(join(sources, 'build'), { recursive: true });
  return EXIT.OK;
}

/** Before a minute of compiling. */
function checkWritable(root: string): void {
  try {
    accessSync(root, constants.W_OK);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new Error(`${code}: build the addon: ${root}, where it is to be, cannot be written`, { cause });
  }
}

/** What the program prints goes to standard error and, if `output` is 'inherit', to standard output. */
function run(command: string, args: readonly string[], cwd: string, output: 'pipe' | 'inherit') {
  const ended = spawnSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', output, 'inherit'] });
  if (ended.error) throw ended.error;
  return ended;
}
