import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

export const ROOT = join(__dirname, '..', '..');
export const SANDBOX = join(process.env['RTNETNS_BUILD'] ?? join(ROOT, 'build'), 'Release/rtnetns-sandbox');
export const CLI = join(ROOT, 'dist/cli/main.js');

/** The environment outside of all sandboxes, where nothing says that this is one already. */
export function outside(): NodeJS.ProcessEnv {
  const { RTNETNS_SANDBOX: _, ...env } = process.env;
  return env;
}

/** Runs the command `rtnetns` as from outside. */
export function rtnetns(...args: string[]) {
  // a directory of PATH that may not be read makes a missing command one that may not be run
  const env = { ...outside(), PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };
  return spawnSync(process.execPath, [CLI, ...args], { encoding: 'utf8', env, timeout: 60_000 });
}

/** Runs the command as root without capabilities. */
export function powerless(...args: string[]) {
  const command = ['--bounding-set', '-all', process.execPath, CLI, ...args];
  return spawnSync('setpriv', command, { encoding: 'utf8', env: outside(), timeout: 60_000 });
}

/** Runs a command in a sandbox of its own, inside the one of the tests. */
export function sandboxed(...command: string[]) {
  const { status, signal, stdout, stderr } = spawnSync(SANDBOX, ['--', ...command], {
    cwd: ROOT,
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { status, signal, stdout, stderr };
}

/** Runs a file of examples/ in a sandbox: what it says. */
export function runExample(name: string): string {
  const { status, stdout, stderr } = sandboxed(process.execPath, join(ROOT, 'examples', name));
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout;
}
