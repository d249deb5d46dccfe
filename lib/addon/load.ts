import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import bindings from 'bindings';

/** What an error advises where the package has no file that fits. */
export const HOW_TO_BUILD =
  "run 'npx rtnetns build' to build it, which needs a C++ compiler, make and python3";

export const BUNDLED =
  "a bundler has taken the library out of its package, which has the addon: make 'rtnetns' external";

/** What helps where an addon is there but does not load, by what the loader says. Another build helps with all else. */
const CURES: readonly (readonly [says: RegExp, cure: string])[] = [
  [/disabled/, 'node has to be started with --allow-addons'],
  [/[Tt]oo many open files/, 'the process has no descriptor left'],
  [/Permission denied/, 'this user may not read it'],
];

/** The directory of the package, whether this module is a file of its own there or a part of the package's bundle. */
export function packageRoot(): string {
  return bindings.getRoot(__filename);
}

/** The addon, with the path of its file. */
export function loadAddon(): object {
  const path = findAddon();
  try {
    return Object.assign(createRequire(path)(path) as object, { path });
  } catch (cause) {
    const { message } = cause as Error;
    const [, cure = HOW_TO_BUILD] = CURES.find(([says]) => says.test(message)) ?? [];
    const failure = `the addon ${path} does not load on ${platform()}: ${message}`;
    throw new Error(`rtnetns: ${failure}: ${cure}`, { cause });
  }
}

function findAddon(): string {
  const name = platform();
  const { RTNETNS_BUILD: build } = process.env;
  try {
    return bindings({
      bindings: 'rtnetns',
      path: true,
      // the directory of another build, such as one with sanitizers
      module_root: build ?? packageRoot(),
      prebuilt: name,
      try: [
        ['module_root', 'build', 'Release', 'bindings'],
        ['module_root', 'Release', 'bindings'],
        // what was built on the machine goes before what came with the package
        ['module_root', 'prebuilds', 'prebuilt', 'bindings'],
      ],
    } as bindings.Options) as string;
  } catch (cause) {
    const where = build === undefined ? '' : ` in RTNETNS_BUILD=${build}`;
    const reason = isInPackage() ? `there is no addon for ${name}${where}: ${HOW_TO_BUILD}` : BUNDLED;
    throw new Error(`rtnetns: ${reason}`, { cause });
  }
}

/** Whether this module is in its own package, and in no program that a bundler has made. */
function isInPackage(): boolean {
  try {
    const text = readFileSync(join(packageRoot(), 'package.json'), 'utf8');
    return (JSON.parse(text) as { name?: unknown }).name === 'rtnetns';
  } catch {
    return false;
  }
}

/** What an addon is built for: 'linux-x64-glibc'. */
function platform(): string {
  return `${process.platform}-${process.arch}-${hasGlibc() ? 'glibc' : 'musl'}`;
}

/**
 * Whether this process runs on glibc, by its mapped files: proc_pid_maps(5). Which loaders are installed says nothing, because
 * Debian has a package of musl, and Alpine has one that loads programs for glibc. musl's file has another name in each
 * distribution. glibc's is libc.so.6, and before 2.34 libc-2.28.so. Without /proc, node's report knows, but takes longer.
 */
function hasGlibc(): boolean {
  try {
    return /\/libc(?:\.so\.6|-2\.\d+\.so)\b/.test(readFileSync('/proc/self/maps', 'latin1'));
  } catch {
    const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
    return header.glibcVersionRuntime !== undefined;
  }
}
