import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { BUILD, ROOT, SOURCES } from './paths';

/** What a contender needs; it is left out where that is not installed. */
export interface Need {
  /** The command that installs it. */
  install: string;
  /** Whether it is there; compiles what has to be compiled. */
  prepare(): boolean;
}

const GOPATH = '/usr/share/gocode';
const GO_PACKAGES = path.join(GOPATH, 'src/github.com/vishvananda');
export const PYTHON = '/usr/bin/python3'; // Debian's, which sees Debian's packages
export const NPM_NETLINK = path.join(BUILD, 'npm/node_modules/netlink');

function runs(program: string, ...args: string[]): boolean {
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0;
}

function built(name: string): string {
  return path.join(BUILD, name);
}

function newer(target: string, sources: readonly string[]): boolean {
  const made = fs.statSync(target, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return sources.every((source) => fs.statSync(source).mtimeMs < made);
}

function compileC(name: string): void {
  const sources = [path.join(SOURCES, `${name}.c`), path.join(SOURCES, 'nl.h')];
  if (newer(built(name), sources)) return;
  const flags = ['-std=c11', '-O2', '-Wall', '-Wextra', '-pthread'];
  execFileSync('cc', [...flags, sources[0] ?? '', '-o', built(name)], { stdio: 'inherit' });
}

function compileGo(name: string): void {
  const sources = [path.join(SOURCES, `go/${name}.go`), path.join(SOURCES, 'go/serve.go')];
  if (newer(built(`go-${name}`), sources)) return;
  const env = { ...process.env, GO111MODULE: 'off', GOPATH };
  execFileSync('go', ['build', '-o', built(`go-${name}`), ...sources], { stdio: 'inherit', env });
}

/** The answer of the first time, so that nothing is compiled or asked for twice. */
function once(need: Need): Need {
  let ready: boolean | undefined;
  return { install: need.install, prepare: () => (ready ??= need.prepare()) };
}

export const cc = once({
  install: 'apt-get install gcc libc6-dev linux-libc-dev',
  prepare() {
    if (!runs('cc', '--version')) return false;
    for (const name of ['floor', 'dump', 'calls']) compileC(name);
    return true;
  },
});

export const go = once({
  install:
    'apt-get install golang-go golang-github-vishvananda-netlink-dev golang-github-vishvananda-netns-dev',
  prepare() {
    if (
      !runs('go', 'version') ||
      !fs.existsSync(`${GO_PACKAGES}/netlink`) ||
      !fs.existsSync(`${GO_PACKAGES}/netns`)
    ) {
      return false;
    }
    for (const name of ['star', 'calls']) compileGo(name);
    return true;
  },
});

export const iproute2 = once({ install: 'apt-get install iproute2', prepare: () => runs('ip', '-V') });

export const pyroute2 = once({
  install: 'apt-get install python3-pyroute2',
  prepare: () => runs(PYTHON, '-c', 'import pyroute2'),
});

export const cni = once({
  install: 'apt-get install containernetworking-plugins',
  prepare: () => fs.existsSync('/usr/lib/cni/bridge'),
});

export const npmNetlink = once({
  install: 'npm install --prefix build/bench/npm --no-save --ignore-scripts netlink@0.3.0',
  prepare: () => fs.existsSync(NPM_NETLINK),
});

/** This library: its TypeScript is compiled with the harness, its addon must have been built. */
export const addon = once({
  install: 'npm run build:native',
  prepare: () => fs.existsSync(path.join(ROOT, 'build/Release/rtnetns.node')),
});
