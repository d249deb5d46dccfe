import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { outside, ROOT } from '../support/cli';
import { definedBy, lookedUpBy, readElf, wantedBy } from './elf';
import { runtimeOf } from './runtimes';

// What npm run build:prebuilds has built is run on what it was built for.

const PREBUILDS = join(ROOT, 'prebuilds');
const TARGETS = readdirSync(PREBUILDS);

const directory = mkdtempSync(join(tmpdir(), 'rtnetns-prebuilds-'));
const dependencies = ['bindings', 'file-uri-to-path'].map((name) => join('node_modules', name));
for (const part of ['dist', 'package.json', 'prebuilds', ...dependencies])
  cpSync(join(ROOT, part), join(directory, part), { recursive: true });

afterAll(() => {
  rmSync(directory, { recursive: true });
});

/** Runs program.js in a sandbox, by the programs of the target. */
function use(target: string, root = directory): Record<string, unknown> {
  const { emulator, javascript, env } = runtimeOf(target);
  const sandbox = join(PREBUILDS, target, 'rtnetns-sandbox');
  const settings = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  // qemu would load what is for the program that it runs
  const command =
    emulator.length > 0
      ? [...emulator, ...settings.flatMap((setting) => ['-E', setting]), ...javascript]
      : ['env', ...settings, ...javascript];
  const [program, ...args] = [...emulator, sandbox, '--', ...command, join(__dirname, 'program.js'), root];
  const { stdout, stderr, status } = spawnSync(program, args, { encoding: 'utf8', env: outside() });
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  return JSON.parse(stdout) as Record<string, unknown>;
}

/** The kernel starts no program for another processor, so a script has qemu do that. */
function emulateExec(target: string): void {
  const { emulator } = runtimeOf(target);
  if (emulator.length === 0) return;
  const exec = join(directory, 'prebuilds', target, 'rtnetns-exec');
  renameSync(exec, `${exec}.emulated`);
  writeFileSync(exec, `#!/bin/sh\nexec ${emulator.join(' ')} ${exec}.emulated "$@"\n`, { mode: 0o755 });
}

test('there is a prebuild for the machine of the tests', () => {
  expect(TARGETS).toContain('linux-x64-glibc');
});

describe.each(TARGETS)('the prebuild %s', (target) => {
  const [, arch, libc] = target.split('-');
  const file = (name: string) => join(PREBUILDS, target, name);

  test('has the addon and its programs alone', () => {
    expect(readdirSync(join(PREBUILDS, target)).sort()).toEqual([
      'rtnetns-exec',
      'rtnetns-sandbox',
      'rtnetns.node',
    ]);
  });

  test('links the C library alone', () => {
    const allowed = libc === 'musl' ? /^libc\.so$/ : /^(lib(c|m|dl|pthread)\.so\.\d|ld-linux-.*)$/;
    for (const name of ['rtnetns.node', 'rtnetns-sandbox'])
      expect(readElf(file(name)).needed.filter((library) => !allowed.test(library))).toEqual([]);
    expect(readElf(file('rtnetns-exec'))).toMatchObject({ needed: [], isProgramWithLoader: false });
  });

  test('uses its own C++ library, and not the one of node, whose exceptions it could not catch', () => {
    const names = lookedUpBy(file('rtnetns.node'));
    expect(names).toContain('napi_create_error');
    expect(
      names.filter((name) => /^_Z|^_Unwind_|^__cxa_(?!atexit|thread_atexit_impl|finalize)/.test(name)),
    ).toEqual([]);
  });

  const versions = libc === 'glibc' ? test : test.skip;
  versions('asks glibc for nothing that is newer than 2.28, and nobody else for a version', () => {
    const asked = ['rtnetns.node', 'rtnetns-sandbox'].flatMap((name) => readElf(file(name)).versions);
    expect(asked.length).toBeGreaterThan(1);
    const tooNew = asked.filter((version) => {
      const [, minor] = /^GLIBC_2\.(\d+)(?:\.\d+)?$/.exec(version) ?? [];
      return minor === undefined || Number(minor) > 28;
    });
    expect(tooNew).toEqual([]);
  });

  const symbols = libc === 'musl' ? test : test.skip;
  symbols('asks musl for nothing that musl 1.2.3 does not have, and node for no more than Node-API', () => {
    const musl = definedBy('/lib/ld-musl-x86_64.so.1');
    expect(musl.size).toBeGreaterThan(1000);
    const asked = wantedBy(file('rtnetns.node')).filter((name) => !musl.has(name));
    expect(asked.length).toBeGreaterThan(10);
    expect(asked.filter((name) => !/^(napi|node_api)_/.test(name))).toEqual([]);
  });

  test('is found, loaded and used', () => {
    emulateExec(target);
    const mac = expect.stringMatching(/^([\da-f]{2}:){5}[\da-f]{2}$/) as string;
    const found = use(target);
    expect(found).toEqual({
      arch,
      prebuild: target,
      listed: [
        { name: 'lo', mac },
        { name: 'r', kind: 'veth', mac },
      ],
      seen: found['listed'],
      exitCode: 0,
      // qemu knows no SO_TIMESTAMPNS
      ...(arch === 'arm64'
        ? { pinged: 'ENOPROTOOPT', watched: 'ENOPROTOOPT' }
        : { pinged: 2, watched: 'addr' }),
      left: [],
    });
  });

  const misplaced = TARGETS.length > 1 ? test : test.skip;
  misplaced('is reported where it is in the place of another one', () => {
    const place = TARGETS.find((other) => other !== target)!;
    const root = mkdtempSync(join(tmpdir(), 'rtnetns-misplaced-'));
    try {
      for (const part of ['dist', 'package.json', 'node_modules'])
        cpSync(join(directory, part), join(root, part), { recursive: true });
      cpSync(join(PREBUILDS, target), join(root, 'prebuilds', place), { recursive: true });
      const path = join(root, 'prebuilds', place, 'rtnetns.node');
      expect(use(place, root)).toEqual({
        error: expect.stringMatching(
          new RegExp(`^rtnetns: the addon ${path} does not load on ${place}: .+: run 'npx rtnetns build' `),
        ) as string,
      });
    } finally {
      rmSync(root, { recursive: true });
    }
  });
});
